import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { collectionOf, noSuchPort, processOf } from '../http/lookups.ts';
import { badRequest, named, spanOf } from '../http/measurement-parameters.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import type { Process, Project } from '../organisation/types.ts';
import { activitiesOf, type NamespaceActivity } from '../ranked-namespaces/activity.ts';
import { NAMESPACE_METRICS } from '../ranked-namespaces/metrics.ts';
import { granularityFor, pointsIn, rankedIn } from '../ranked-namespaces/visible.ts';
import { isoSeconds } from '../time.ts';

const PROCESS = '/api/atlas/v2/groups/{groupId}/processes/{processId}';

/** The first version with them is not documented; older ones lack the statistics that they derive from. */
const FIRST_MAJOR_VERSION = 5;

/** The namespaces of a process by execution time, and their measurements. */
export const RANKED_NAMESPACE_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'rankedNamespaces',
    path: `${PROCESS}/collStats/namespaces`,
    versions: ['2023-11-15'],
    set: 'collectionMetrics',
    list: false,
    handle(request) {
      const { project, process, activities } = measuredProcess(request);
      const span = spanOf(request.query, request.now);
      const isHeld = span.start >= request.now - request.organisation.rankedNamespacesRetention;
      return {
        groupId: project.id,
        identifierId: process.id,
        rankedNamespaces: isHeld ? rankedIn(request.organisation, activities, span, request.now) : [],
      };
    },
  },
  {
    operation: 'namespaceMeasurements',
    path: `${PROCESS}/{databaseName}/{collectionName}/collStats/measurements`,
    versions: ['2023-11-15'],
    set: 'collectionMetrics',
    list: false,
    handle(request) {
      const { project, process, activities } = measuredProcess(request);
      const { databaseName, collectionName } = collectionOf(request, process);
      const span = spanOf(request.query, request.now);
      const { granularity, interval } = granularityFor(span, request.now);
      const activity = activities.filter(
        (other) => other.databaseName === databaseName && other.collectionName === collectionName,
      );
      return {
        collectionName,
        databaseName,
        end: isoSeconds(span.end),
        granularity,
        groupId: project.id,
        links: [{ href: `${request.origin}${request.path}?${request.query}`, rel: 'self' }],
        measurements: named(request.query.getAll('metrics'), NAMESPACE_METRICS).flatMap((metric) =>
          activity.map((one) => ({
            dataPoints: pointsIn(request.organisation, one, metric, span, interval, request.now).map(
              ({ timestamp, value }) => ({ timestamp: isoSeconds(timestamp), value }),
            ),
            name: metric.name,
            units: metric.units,
          })),
        ),
        processId: process.id,
        start: isoSeconds(span.start),
      };
    },
  },
];

function measuredProcess(request: ApiRequest): {
  project: Project;
  process: Process;
  activities: NamespaceActivity[];
} {
  const { project, process } = processOf(request);
  if (process.typeName === 'SHARD_MONGOS') throw noSuchPort(project, process.id);
  const cluster = project.clusters.find(({ name }) => name === process.clusterName);
  if (cluster !== undefined && TENANT_SIZES.has(cluster.instanceSize)) {
    const detail = `${cluster.instanceSize} clusters do not have metrics of collections.`;
    throw badRequest('INSUFFICIENT_INSTANCE_SIZE', detail, cluster.instanceSize);
  }
  if (process.version !== null && Number.parseInt(process.version, 10) < FIRST_MAJOR_VERSION) {
    throw new ApiError(400, 'UNSUPPORTED_MONGODB_VERSION', `${process.version} has no such metrics.`, [
      process.version,
    ]);
  }
  return { project, process, activities: activitiesOf(request.organisation, project.id, process) };
}
