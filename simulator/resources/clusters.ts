import { hexName } from '../hash.ts';
import type { Cluster, Organisation } from '../organisation/types.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import { driftingResourcesAt } from './drifting-resources.ts';
import type { ListOwner, ListParameters, ResourceList } from './resource-list.ts';

const SEARCH_SIZES = ['S20_HIGHCPU_NVME', 'S30_HIGHCPU_NVME'];

/** Resources of a cluster that are not part of its document. */
export const CLUSTER_LISTS: readonly ResourceList[] = [
  {
    kind: 'search_deployment',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/search/deployment',
    format: 'document',
    version: '2024-05-30',
    set: 'projectResources',
    // The first slot is never empty: the second decides whether there are search nodes.
    slots: 2,
    within: eachCluster,
    absent: { status: 400, code: 'ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST' },
    document: (resource, { project }) => ({
      encryptionAtRestProvider: 'NONE',
      groupId: project?.id,
      id: hexName(`search/${resource.key}`, 24),
      specs: [{ instanceSize: SEARCH_SIZES[resource.revision % 2], nodeCount: 2 + (resource.revision % 3) }],
      stateName: 'IDLE',
    }),
  },
  {
    kind: 'backup_checkpoint',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backupCheckpoints',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 3,
    within: eachCluster,
    document: (resource, { project }) => ({
      clusterId: hexName(`cluster/${resource.key}`, 24),
      completed: isoSeconds(resource.since + HOUR),
      groupId: project?.id,
      id: hexName(`checkpoint/${resource.key}`, 24),
      parts: [
        {
          replicaSetName: 'shard-0',
          shardName: 'shard-0',
          tokenDiscovered: true,
          tokenTimestamp: { date: isoSeconds(resource.since), increment: 1 },
          typeName: 'REPLICA_SET',
        },
      ],
      restorable: true,
      started: isoSeconds(resource.since),
      timestamp: isoSeconds(resource.since),
    }),
  },
];

/** Returns the fields that changes add to a cluster's document: access for MongoDB's employees, a pinned version. */
export function clusterChanges(organisation: Organisation, cluster: Cluster, now: number) {
  if (!organisation.drift) return {};
  const [, grant] = driftingResourcesAt(organisation, `grant/${cluster.id}`, 2, now);
  const [, pin] = driftingResourcesAt(organisation, `pin/${cluster.id}`, 2, now);
  const grantType = grant && (grant.revision % 2 === 0 ? 'CLUSTER_DATABASE_LOGS' : 'CLUSTER_INFRASTRUCTURE');
  return {
    ...(grant && {
      mongoDBEmployeeAccessGrant: { expirationTime: isoSeconds(grant.changedAt + DAY), grantType },
    }),
    ...(pin && {
      featureCompatibilityVersion: cluster.version.split('.').slice(0, 2).join('.'),
      featureCompatibilityVersionExpirationDate: isoSeconds(pin.changedAt + 28 * DAY),
    }),
  };
}

function eachCluster({ project }: ListOwner): ListParameters[] {
  return (project?.clusters ?? []).map(({ name }) => ({ clusterName: name }));
}
