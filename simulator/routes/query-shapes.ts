import { ApiError } from '../http/api-error.ts';
import type { ApiRoute } from '../http/api-route.ts';
import { epochSpanOf, wholeNumber } from '../http/epoch-parameters.ts';
import { clusterOf } from '../http/lookups.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import { shapesIn } from '../query-shapes.ts';

/** The most shapes of one response. There are no pages. */
const MOST_SHAPES = 100;

/** Earlier versions of MongoDB do not count the shapes of queries. */
const FIRST_MAJOR_VERSION = 8;

export const QUERY_SHAPE_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'queryShapes',
    path: '/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/queryShapeInsights/summaries',
    versions: ['2025-03-12'],
    set: 'queryShapeInsights',
    list: false,
    handle(request) {
      const cluster = clusterOf(request);
      const { instanceSize, version } = cluster;
      if (TENANT_SIZES.has(instanceSize)) {
        const detail = `${instanceSize} clusters do not have Query Shape Insights.`;
        throw new ApiError(400, 'INSUFFICIENT_INSTANCE_SIZE', detail, [instanceSize]);
      }
      if (Number.parseInt(version, 10) < FIRST_MAJOR_VERSION) {
        const detail = `${version} does not have Query Shape Insights.`;
        throw new ApiError(400, 'UNSUPPORTED_MONGODB_VERSION', detail, [version]);
      }
      const most = wholeNumber(request.query, 'nSummaries') ?? MOST_SHAPES;
      if (most > MOST_SHAPES) {
        const detail = `nSummaries must be at most ${MOST_SHAPES}.`;
        throw new ApiError(400, 'INVALID_QUERY_PARAMETER', detail, ['nSummaries']);
      }
      return {
        summaries: shapesIn(request.organisation, cluster, { ...epochSpanOf(request), most }, request.now),
      };
    },
  },
];
