import { eachCluster } from './each-cluster.ts';
import { resourceTypes } from './resource-type.ts';

/** The kinds of clusters, by the field of a cluster that tells them apart. */
const kind = (...values: readonly string[]) => ({ ...eachCluster, where: { field: 'clusterType', values } });

/**
 * Cloud backups of clusters. The snapshots of replica sets and of sharded clusters are in different lists. Smaller tiers
 * refuse all of them.
 */
export const backupTypes = resourceTypes([
  {
    name: 'backup_schedule',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/schedule',
    response: 'document',
    // Atlas withdraws the version of 2023-01-01 in July 2027.
    version: '2024-08-05',
    id: 'clusterId',
    label: 'clusterName',
    parents: eachCluster,
    volatile: ['nextSnapshot'],
    set: 'Cloud Backups',
    role: 'Project Read Only',
    covers: [],
  },
  {
    name: 'backup_snapshot',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/snapshots',
    response: 'pages',
    version: '2023-01-01',
    id: 'id',
    parents: kind('REPLICASET'),
    // Whether it changes after the snapshot is finished is not documented.
    volatile: ['storageSizeBytes'],
    set: 'Cloud Backups',
    role: 'Project Read Only',
    covers: [],
  },
  {
    name: 'sharded_backup_snapshot',
    scope: 'project',
    path: '/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters',
    response: 'pages',
    version: '2023-01-01',
    id: 'id',
    parents: kind('SHARDED', 'GEOSHARDED'),
    volatile: ['storageSizeBytes'],
    set: 'Cloud Backups',
    role: 'Project Read Only',
    covers: [],
  },
]);
