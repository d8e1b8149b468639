import { entryTime } from '../access-logs/attempts.ts';
import { type SettledEntry, shownEntries } from '../access-logs.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { hostOf } from '../http/lookups.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import type { Process, Project } from '../organisation/types.ts';

/** The most entries of one response. There are no pages. */
const MOST_ENTRIES = 20_000;

/** The access history of a host. */
export const ACCESS_LOG_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'accessHistory',
    path: '/api/atlas/v2/groups/{groupId}/dbAccessHistory/processes/{hostname}',
    versions: ['2023-01-01'],
    set: 'accessLogs',
    list: false,
    handle(request) {
      const { project, host } = hostOf(request);
      refuseTenants(project, host);
      const result = request.query.get('authResult');
      const address = request.query.get('ipAddress');
      const isWanted = ({ authResult, ipAddress }: SettledEntry) =>
        (result === null || String(authResult) === result) && (address === null || ipAddress === address);
      const query = { ...spanOf(request), isWanted };
      const entries = shownEntries(request.organisation, host, query, request.now);
      const timestamps = new Map<number, string>();
      const timestampOf = ({ second }: SettledEntry) => {
        const text = timestamps.get(second) ?? entryTime(second, host.accessLogs.timestamps);
        timestamps.set(second, text);
        return text;
      };
      return {
        accessLogs: entries.map((entry) => ({
          authResult: entry.authResult,
          authSource: entry.authSource,
          failureReason: entry.failureReason,
          groupId: project.id,
          hostname: host.hostname,
          ipAddress: entry.ipAddress,
          ...(entry.logLine === null ? {} : { logLine: entry.logLine }),
          timestamp: timestampOf(entry),
          username: entry.username,
        })),
      };
    },
  },
];

/** Refuses tenants. Atlas documents that they have no access history, but not the error code. */
function refuseTenants({ clusters }: Project, { clusterName }: Process): void {
  const size = clusters.find(({ name }) => name === clusterName)?.instanceSize ?? '';
  if (!TENANT_SIZES.has(size)) return;
  throw new ApiError(400, 'CLUSTER_TIER_NOT_SUPPORTED', `Access history is not available on ${size}.`, [
    size,
  ]);
}

/** Returns the requested span; all available entries without `start` and `end`. */
function spanOf({ query, now }: ApiRequest): { start: number; end: number; most: number } {
  const [start, end] = [integer(query, 'start'), integer(query, 'end')];
  if ((start === undefined) !== (end === undefined)) {
    const missing = start === undefined ? 'start' : 'end';
    throw new ApiError(400, 'MISSING_QUERY_PARAMETER', `${missing} is missing.`, [missing]);
  }
  if (start !== undefined && end !== undefined && start > end) {
    throw new ApiError(400, 'START_DATE_AFTER_END_DATE', 'The start date is after the end date.', ['start']);
  }
  const most = integer(query, 'nLogs') ?? MOST_ENTRIES;
  if (most > MOST_ENTRIES) {
    throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `nLogs must be at most ${MOST_ENTRIES}.`, ['nLogs']);
  }
  return { start: start ?? 0, end: end ?? now, most };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `${name} is not a whole number.`, [name]);
}
