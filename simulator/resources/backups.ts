import { hashText, hexName } from '../hash.ts';
import type { Cluster, Organisation } from '../organisation/types.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import { eachCluster, isTenant, tenantRefusal } from './clusters.ts';
import { driftingResourcesAt } from './drifting-resources.ts';
import type { DocumentContext, ListOwner, Refusal, ResourceList } from './resource-list.ts';

/** The time between two snapshots of a cluster, and how long each is kept. A snapshot takes an hour. */
const EVERY = 6 * HOUR;
const KEPT = 2 * DAY;

/** One snapshot in this many fails. */
const FAILED = 16;

/** How long after a cluster was created its snapshots stand still, if resources do not change. */
const FROZEN = 10 * DAY;

/** Schedules and snapshots of cloud backups. They start, end and fail at full hours. */
export const BACKUP_LISTS: readonly ResourceList[] = [
  {
    kind: 'backup_schedule',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/schedule',
    format: 'document',
    version: '2024-08-05',
    set: 'projectResources',
    within: (owner) => eachCluster(owner, (cluster) => !isTenant(cluster)),
    refusal: tenantRefusal,
    absent: { status: 404, code: 'BACKUP_CONFIG_NOT_FOUND' },
    documents(context) {
      const cluster = clusterOf(context);
      return cluster?.backups ? [schedule(cluster, context)] : [];
    },
  },
  {
    kind: 'backup_snapshot',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/snapshots',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    within: (owner) => eachCluster(owner, (cluster) => !isTenant(cluster) && cluster.type === 'REPLICASET'),
    refusal: (owner, parameter) =>
      tenantRefusal(owner, parameter) ?? typeRefusal(owner, parameter, 'SHARDED'),
    documents: (context) =>
      snapshotsOf(context).map((snapshot) => ({
        ...snapshot,
        replicaSetName: context.parameters['clusterName'],
        type: 'replicaSet',
      })),
  },
  {
    kind: 'sharded_backup_snapshot',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    within: (owner) => eachCluster(owner, (cluster) => !isTenant(cluster) && cluster.type === 'SHARDED'),
    refusal: (owner, parameter) =>
      tenantRefusal(owner, parameter) ?? typeRefusal(owner, parameter, 'REPLICASET'),
    documents: (context) =>
      snapshotsOf(context).map((snapshot) => ({
        ...snapshot,
        members: ['shard-0', 'shard-1', 'config-0'].map((replicaSetName) => ({
          cloudProvider: 'AWS',
          id: hexName(`member/${snapshot.id}/${replicaSetName}`, 24),
          replicaSetName,
        })),
        type: 'shardedCluster',
      })),
  },
];

function clusterOf({ project, parameters }: DocumentContext): Cluster | undefined {
  return project?.clusters.find(({ name }) => name === parameters['clusterName']);
}

/** Returns the error for the list of the other type of clusters. Atlas documents two lists, but not the code. */
function typeRefusal(
  { project }: ListOwner,
  parameter: (name: string) => string,
  refused: Cluster['type'],
): Refusal | undefined {
  const cluster = project?.clusters.find(({ name }) => name === parameter('clusterName'));
  return cluster?.type === refused ? { status: 400, code: 'CLUSTER_TYPE_NOT_SUPPORTED' } : undefined;
}

function schedule(cluster: Cluster, { organisation, now }: DocumentContext) {
  const [resource] = driftingResourcesAt(organisation, `schedule/${cluster.id}`, 1, now);
  const revision = resource?.revision ?? 0;
  const item = (frequencyType: string, frequencyInterval: number, unit: string, value: number) => ({
    frequencyInterval,
    frequencyType,
    id: hexName(`policy/${cluster.id}/${frequencyType}`, 24),
    retentionUnit: unit,
    retentionValue: value,
  });
  return {
    autoExportEnabled: false,
    clusterId: cluster.id,
    clusterName: cluster.name,
    copySettings: [],
    nextSnapshot: isoSeconds(lastStart(organisation, cluster, now) + EVERY),
    policies: [
      {
        id: hexName(`policies/${cluster.id}`, 24),
        policyItems: [
          item('hourly', EVERY / HOUR, 'days', KEPT / DAY),
          item('daily', 1, 'days', 7 + (revision % 2)),
          item('weekly', 6, 'weeks', 4),
        ],
      },
    ],
    referenceHourOfDay: firstHour(cluster),
    referenceMinuteOfHour: 0,
    restoreWindowDays: revision % 3 === 2 ? 3 : 2,
    useOrgAndGroupNamesInExportPrefix: false,
  };
}

/** Returns the snapshots of a cluster, newest first. */
function snapshotsOf(context: DocumentContext) {
  const cluster = clusterOf(context);
  if (!cluster?.backups) return [];
  const { organisation } = context;
  const now = organisation.drift ? context.now : Math.min(context.now, cluster.created + FROZEN);
  const snapshots = [];
  for (let at = lastStart(organisation, cluster, now); now - at < KEPT; at -= EVERY) {
    if (at < cluster.created) break;
    snapshots.push(snapshotAt(cluster, at, now, organisation.seed));
  }
  return snapshots;
}

function snapshotAt(cluster: Cluster, at: number, now: number, seed: number) {
  const key = `${seed}/snapshot/${cluster.id}/${at}`;
  const isRunning = now - at < HOUR;
  const ended = hashText(key) % FAILED === 0 ? 'failed' : 'completed';
  return {
    cloudProvider: 'AWS',
    copyRegions: [],
    createdAt: isoSeconds(at),
    expiresAt: isoSeconds(at + KEPT),
    frequencyType: 'hourly',
    id: hexName(key, 24),
    mongodVersion: cluster.version,
    policyItems: [hexName(`policy/${cluster.id}/hourly`, 24)],
    snapshotType: 'scheduled',
    status: isRunning ? 'inProgress' : ended,
    storageSizeBytes: isRunning ? 0 : 1_582_854_144,
  };
}

/** Returns when the last snapshot started. */
function lastStart(organisation: Organisation, cluster: Cluster, now: number): number {
  const at = organisation.drift ? now : Math.min(now, cluster.created + FROZEN);
  const first = firstHour(cluster) * HOUR;
  return Math.floor((at - first) / EVERY) * EVERY + first;
}

/** Returns the hour of the day of a cluster's first snapshot. */
function firstHour({ id }: Cluster): number {
  return hashText(`reference/${id}`) % (EVERY / HOUR);
}
