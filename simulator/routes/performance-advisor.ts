import { hexName } from '../hash.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { epochSpanOf } from '../http/epoch-parameters.ts';
import { clusterOf } from '../http/lookups.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import type { Cluster } from '../organisation/types.ts';
import { createdIndexes } from '../performance-advisor/created.ts';
import { droppedIndexes, schemaRecommendations } from '../performance-advisor/present.ts';
import { LITERAL } from '../slow-queries/queries.ts';

const CLUSTER = '/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/performanceAdvisor';

const COMMON = { versions: ['2024-08-05'], set: 'performanceAdvisor', list: false } as const;

/** What the Performance Advisor suggests for a cluster. Its answers are always wrapped in `content`. */
export const PERFORMANCE_ADVISOR_ROUTES: readonly ApiRoute[] = [
  {
    ...COMMON,
    operation: 'suggestedIndexes',
    path: `${CLUSTER}/suggestedIndexes`,
    handle(request) {
      const cluster = advisedCluster(request);
      const indexes = createdIndexes(request.organisation, cluster, epochSpanOf(request), request.now);
      // Ids exist only for one response.
      const id = (name: string) => hexName(`${name}/${request.now}/${request.earlierRequests()}`, 24);
      return {
        content: {
          shapes: indexes.flatMap(({ namespace, shapes }, index) =>
            shapes.map((shape, number) => ({
              ...shape,
              id: id(`shape/${index}/${number}`),
              namespace,
              operations: [
                {
                  raw: `{"find":"${LITERAL}${index}"}`,
                  predicates: [{ find: `${LITERAL}${index}` }],
                  stats: { ms: shape.avgMs, nReturned: 1, nScanned: 1, ts: 0 },
                },
              ],
            })),
          ),
          suggestedIndexes: indexes.map(({ shapes, ...suggestion }, index) => ({
            ...suggestion,
            id: id(`index/${index}`),
            impact: shapes.map((_, number) => id(`shape/${index}/${number}`)),
          })),
        },
      };
    },
  },
  {
    ...COMMON,
    operation: 'dropIndexSuggestions',
    path: `${CLUSTER}/dropIndexSuggestions`,
    handle: (request) => ({ content: droppedIndexes(advisedCluster(request), request.now) }),
  },
  {
    ...COMMON,
    operation: 'schemaAdvice',
    path: `${CLUSTER}/schemaAdvice`,
    handle: (request) => ({
      content: { recommendations: schemaRecommendations(advisedCluster(request), request.now) },
    }),
  },
];

function advisedCluster(request: ApiRequest): Cluster {
  const cluster = clusterOf(request);
  if (!TENANT_SIZES.has(cluster.instanceSize)) return cluster;
  const detail = `${cluster.instanceSize} clusters do not have the Performance Advisor.`;
  throw new ApiError(400, 'INSUFFICIENT_INSTANCE_SIZE', detail, [cluster.instanceSize]);
}
