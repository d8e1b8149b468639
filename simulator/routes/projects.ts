import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { isListed, projectOf } from '../http/lookups.ts';
import { page } from '../http/pages.ts';
import type { Cluster, Project } from '../organisation/types.ts';
import { clusterChanges } from '../resources/clusters.ts';
import { isoSeconds } from '../time.ts';

/** Projects and their clusters. */
export const PROJECT_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'listProjects',
    path: '/api/atlas/v2/groups',
    versions: ['2023-01-01'],
    set: 'projects',
    list: true,
    handle(request) {
      const { endpointFaults } = request;
      const readable = request.organisation.projects.filter(
        ({ id }) =>
          request.mayRead(id) && !endpointFaults.projectUnlisted(id) && !endpointFaults.projectNotFound(id),
      );
      return page(
        request,
        readable.map((project) => projectDocument(request, project)),
      );
    },
  },
  {
    operation: 'getProject',
    path: '/api/atlas/v2/groups/{groupId}',
    versions: ['2023-01-01'],
    set: 'projectResources',
    list: false,
    handle: (request) => projectDocument(request, projectOf(request)),
  },
  {
    operation: 'listClusters',
    path: '/api/atlas/v2/groups/{groupId}/clusters',
    versions: ['2024-08-05'],
    withdrawn: ['2023-01-01', '2023-02-01'],
    set: 'clusters',
    list: true,
    handle(request) {
      const project = projectOf(request);
      return page(
        request,
        project.clusters
          .filter((cluster) => isListed(cluster, request.now))
          .map((cluster) => clusterDocument(request, project, cluster)),
      );
    },
  },
];

function projectDocument({ origin, organisation }: ApiRequest, project: Project) {
  return {
    clusterCount: project.clusters.length,
    created: isoSeconds(project.created),
    id: project.id,
    links: [{ href: `${origin}/api/atlas/v2/groups/${project.id}`, rel: 'self' }],
    name: project.name,
    orgId: organisation.id,
    tags: [],
    withDefaultAlertsSettings: true,
  };
}

function clusterDocument(request: ApiRequest, project: Project, cluster: Cluster) {
  const { origin, organisation, now } = request;
  const { hosts } = cluster.connectionStrings;
  const domain = hosts[0]?.replace(/^[^.]+\./, '').replace(/:\d+$/, '') ?? 'mongodb.net';
  return {
    backupEnabled: cluster.backups,
    clusterType: cluster.type,
    connectionStrings: {
      awsPrivateLinkSrv: {},
      privateEndpoint: [],
      standard: `mongodb://${hosts.join(',')}/?ssl=true&authSource=admin`,
      standardSrv: `mongodb+srv://${cluster.name.toLowerCase()}.${domain}`,
    },
    createDate: isoSeconds(cluster.created),
    groupId: project.id,
    id: cluster.id,
    labels: [],
    links: [{ href: `${origin}/api/atlas/v2/groups/${project.id}/clusters/${cluster.name}`, rel: 'self' }],
    mongoDBMajorVersion: cluster.version.split('.').slice(0, 2).join('.'),
    mongoDBVersion: cluster.version,
    name: cluster.name,
    paused: false,
    replicationSpecs: [
      {
        id: cluster.id,
        regionConfigs: [
          {
            electableSpecs: { instanceSize: cluster.instanceSize, nodeCount: 3 },
            priority: 7,
            providerName: 'AWS',
            regionName: 'US_EAST_1',
          },
        ],
        zoneName: 'Zone 1',
      },
    ],
    stateName: 'IDLE',
    tags: cluster.tags
      .filter(({ from = -Infinity, until = Infinity }) => now >= from && now < until)
      .map(({ key, value }) => ({ key, value })),
    versionReleaseSystem: 'LTS',
    ...clusterChanges(organisation, cluster, now),
  };
}
