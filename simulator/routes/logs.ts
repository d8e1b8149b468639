import { gzipSync } from 'node:zlib';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { FileResponse } from '../http/file-response.ts';
import { hostOf } from '../http/lookups.ts';
import { type LogType, shownLog } from '../logs.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import type { Process, Project } from '../organisation/types.ts';
import { DAY, SECOND } from '../time.ts';

/** Atlas's names of the logs of a mongod and a mongos. */
const LOGS: Readonly<Record<string, { isRouter: boolean; type: LogType }>> = {
  'mongodb.gz': { isRouter: false, type: 'messages' },
  'mongos.gz': { isRouter: true, type: 'messages' },
  'mongodb-audit-log.gz': { isRouter: false, type: 'audit' },
  'mongos-audit-log.gz': { isRouter: true, type: 'audit' },
};

/** The logs of hosts, as gzip files. */
export const LOG_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'readLog',
    path: '/api/atlas/v2/groups/{groupId}/clusters/{hostName}/logs/{logFile}',
    versions: ['2023-02-01'],
    withdrawn: ['2023-01-01'],
    format: 'gzip',
    set: 'clusters',
    list: false,
    handle(request) {
      const { project, host } = hostOf(request, 'hostName');
      const file = request.parameter('logFile');
      const log = LOGS[file];
      if (log === undefined) {
        throw new ApiError(400, 'INVALID_PATH_PARAMETER', `${file} is not the name of a log.`, [file]);
      }
      refuseTenants(project, host);
      const span = spanOf(request);
      const process = project.processes.find(
        ({ hostname, typeName }) =>
          hostname === host.hostname && (typeName === 'SHARD_MONGOS') === log.isRouter,
      );
      const { organisation, now } = request;
      const text = process ? shownLog(organisation, process, log.type, { ...span, now }) : Buffer.alloc(0);
      const [from, to] = [span.start, span.end].map((time) => new Date(time).toISOString().slice(0, -1));
      const name = `${host.hostname}_${from}_${to}_${file.slice(0, -'.gz'.length).toUpperCase()}.log.gz`;
      return new FileResponse(text.length === 0 ? text : gzipSync(text, { level: 1 }), {
        'Content-Disposition': `attachment; filename="${name}"`,
        'X-Uncompressed-Content-Length': String(text.length),
      });
    },
  },
];

/** Refuses tenants. Atlas documents that they have no logs, but not the error code. */
function refuseTenants({ clusters }: Project, { clusterName }: Process): void {
  const size = clusters.find(({ name }) => name === clusterName)?.instanceSize ?? '';
  if (!TENANT_SIZES.has(size)) return;
  throw new ApiError(400, 'CLUSTER_TIER_NOT_SUPPORTED', `Logs are not available on ${size}.`, [size]);
}

/** Returns the requested span. A missing start is a day before the end, a missing end a day after the start. */
function spanOf({ query, now }: ApiRequest): { start: number; end: number } {
  const [start, end] = [instant(query, 'startDate'), instant(query, 'endDate')];
  const last = end ?? (start === undefined ? Math.floor(now / SECOND) * SECOND : start + DAY);
  const span = { start: start ?? last - DAY, end: last };
  if (span.start > span.end) {
    throw new ApiError(400, 'START_DATE_AFTER_END_DATE', 'The start date is after the end date.', [
      'startDate',
    ]);
  }
  return span;
}

/** The least accepted time (the reference of the endpoint): 2008-01-01, in seconds. */
const EARLIEST = 1_199_145_600;

/** Reads seconds since 1970; returns ms. */
function instant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  // A time in milliseconds would be far in the future.
  if (/^\d{10}$/.test(text) && Number(text) >= EARLIEST) return Number(text) * SECOND;
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `${name} is not a time in seconds.`, [name]);
}
