import { hexName } from '../hash.ts';
import { TENANT_SIZES } from '../organisation/tenants.ts';
import type { Cluster, Organisation } from '../organisation/types.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import { driftingResourcesAt } from './drifting-resources.ts';
import type { ListOwner, ListParameters, Refusal, ResourceList } from './resource-list.ts';

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
    within: (owner) => eachCluster(owner),
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
    kind: 'search_index',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/search/indexes',
    format: 'array',
    version: '2024-05-30',
    set: 'projectResources',
    slots: 3,
    within: (owner) => eachCluster(owner),
    document: (resource, { now }) => ({
      collectionName: 'products',
      database: 'shop',
      indexID: hexName(`index/${resource.key}`, 24),
      latestDefinition: { mappings: { dynamic: resource.revision % 2 === 0 } },
      latestDefinitionVersion: { createdAt: isoSeconds(resource.changedAt), version: resource.revision },
      name: `index-${hexName(resource.key, 4)}`,
      queryable: true,
      status: 'READY',
      // Changes even if the index is not edited.
      statusDetail: [{ hostname: 'shard-00-00', queryable: true, status: 'READY', hour: hourOf(now) }],
      type: resource.slot === 1 ? 'vectorSearch' : 'search',
    }),
  },
  {
    kind: 'online_archive',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/onlineArchives',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    within: (owner) => eachCluster(owner, (cluster) => !isTenant(cluster)),
    refusal: tenantRefusal,
    document: (resource, { project, parameters }) => ({
      _id: hexName(`archive/${resource.key}`, 24),
      clusterName: parameters['clusterName'],
      collName: 'orders',
      collectionType: 'STANDARD',
      criteria: {
        type: 'DATE',
        dateField: 'created',
        dateFormat: 'ISODATE',
        expireAfterDays: 30 + resource.revision,
      },
      dataSetName: `v1$atlas$snapshot$${hexName(resource.key, 8)}`,
      dbName: 'shop',
      groupId: project?.id,
      partitionFields: [{ fieldName: 'created', fieldType: 'date', order: 0 }],
      paused: resource.revision % 3 === 2,
      schedule: { type: 'DEFAULT' },
      state: resource.revision % 3 === 2 ? 'PAUSED' : 'ACTIVE',
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
    within: (owner) => eachCluster(owner),
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

/** Returns the parameters of the lists of a project's clusters, or of some of them. */
export function eachCluster(
  { project }: ListOwner,
  accepts: (cluster: Cluster) => boolean = () => true,
): ListParameters[] {
  return (project?.clusters ?? []).filter(accepts).map(({ name }) => ({ clusterName: name }));
}

export function isTenant({ instanceSize }: Cluster): boolean {
  return TENANT_SIZES.has(instanceSize);
}

/** Returns the error for a cluster of a small tier. Atlas documents that it lacks such lists, but not the code. */
export function tenantRefusal(
  { project }: ListOwner,
  parameter: (name: string) => string,
): Refusal | undefined {
  const cluster = project?.clusters.find(({ name }) => name === parameter('clusterName'));
  return cluster && isTenant(cluster) ? { status: 400, code: 'CLUSTER_TIER_NOT_SUPPORTED' } : undefined;
}

function hourOf(now: number): string {
  return isoSeconds(Math.floor(now / HOUR) * HOUR);
}
