import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { wholeNumber } from '../http/epoch-parameters.ts';
import { processOf } from '../http/lookups.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import { type SettledQuery, shownQueries } from '../slow-queries.ts';
import { DAY } from '../time.ts';

/** The most lines of one response. There are no pages. */
const MOST_LINES = 20_000;

/** The log lines of slow queries. */
export const SLOW_QUERY_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'slowQueries',
    path: '/api/atlas/v2/groups/{groupId}/processes/{processId}/performanceAdvisor/slowQueryLogs',
    versions: ['2023-01-01'],
    set: 'performanceAdvisor',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      const size = project.clusters.find(({ name }) => name === process.clusterName)?.instanceSize ?? '';
      if (TENANT_SIZES.has(size)) {
        const detail = `${size} clusters do not have the Performance Advisor.`;
        throw new ApiError(400, 'INSUFFICIENT_INSTANCE_SIZE', detail, [size]);
      }
      const { query } = request;
      const namespaces = query.getAll('namespaces');
      const isWanted = ({ namespace }: SettledQuery) =>
        namespaces.length === 0 || namespaces.includes(namespace);
      const shown = shownQueries(
        request.organisation,
        process,
        { ...spanOf(request), isWanted },
        request.now,
      );
      const includes = (name: string) => query.get(name) === 'true';
      return {
        slowQueries: shown.map(({ line, namespace, metrics, opType, replicaState }) => ({
          line,
          ...(includes('includeMetrics') && { metrics }),
          namespace,
          ...(includes('includeOpType') && { opType }),
          ...(includes('includeReplicaState') && replicaState !== null && { replicaState }),
        })),
      };
    },
  },
];

/** Returns the requested span: the last 24 hours without `since`, and everything from there without `duration`. */
function spanOf({ query, now }: ApiRequest): { start: number; end: number; most: number } {
  const [since, duration] = [wholeNumber(query, 'since'), wholeNumber(query, 'duration')];
  const most = wholeNumber(query, 'nLogs') ?? MOST_LINES;
  if (most > MOST_LINES) {
    throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `nLogs must be at most ${MOST_LINES}.`, ['nLogs']);
  }
  const start = since ?? now - (duration ?? DAY);
  return { start, end: duration === undefined ? now : start + duration, most };
}
