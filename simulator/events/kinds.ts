import { hexName } from '../hash.ts';
import type { Project } from '../organisation/types.ts';
import { actorFields, BY_ATLAS } from './actors.ts';

/** Events that have nothing to do with the simulated resources: who does what, day by day. */

/** Returns the type and the own fields of one of a project's usual events. */
export function projectEvent(hash: number, { clusters, processes }: Project): Record<string, unknown> {
  const pick = hash >>> 4;
  const clusterName = clusters[pick % Math.max(1, clusters.length)]?.name ?? 'cluster';
  const process = processes[pick % Math.max(1, processes.length)];
  const kinds: readonly (() => Record<string, unknown>)[] = [
    () => ({ ...actorFields(pick), clusterName, eventTypeName: 'CLUSTER_UPDATE_SUBMITTED' }),
    () => ({ ...BY_ATLAS, clusterName, eventTypeName: 'CLUSTER_UPDATE_STARTED' }),
    () => ({ ...BY_ATLAS, clusterName, eventTypeName: 'CLUSTER_UPDATE_COMPLETED' }),
    () => ({ ...BY_ATLAS, eventTypeName: 'PROJECT_SCHEDULED_MAINTENANCE' }),
    () => ({
      ...actorFields(pick),
      dbUserUsername: `app-${pick % 4}`,
      eventTypeName: pick % 2 === 0 ? 'MONGODB_USER_ADDED' : 'MONGODB_USER_UPDATED',
    }),
    () => ({
      ...actorFields(pick),
      alertId: hexName(`alert/${pick % 50}`, 24),
      eventTypeName: 'ALERT_ACKNOWLEDGED_AUDIT',
    }),
    () => ({
      ...BY_ATLAS,
      eventTypeName: pick % 2 === 0 ? 'HOST_DOWN' : 'HOST_UP',
      ...(process && {
        hostname: process.hostname,
        port: process.port,
        ...(process.replicaSetName !== null && { replicaSetName: process.replicaSetName }),
      }),
    }),
    () => ({
      ...actorFields(pick),
      eventTypeName: 'CLUSTER_TAGS_MODIFIED',
      resourceId: clusters[0]?.id ?? hexName('cluster', 24),
      resourceType: 'cluster',
    }),
  ];
  return kinds[hash % kinds.length]?.() ?? {};
}

/** Returns the type and the own fields of one of an organisation's usual events. */
export function organisationEvent(hash: number, projects: readonly Project[]): Record<string, unknown> {
  const pick = hash >>> 4;
  const actor = actorFields(pick);
  const targetUsername = ['ann@example.com', 'dan@example.com', 'eve@example.net'][pick % 3];
  const kinds: readonly Record<string, unknown>[] = [
    { ...actor, eventTypeName: 'INVITED_TO_ORG', targetUsername },
    { ...actor, eventTypeName: 'JOINED_TEAM', targetUsername },
    {
      ...actor,
      eventTypeName: 'API_KEY_CREATED',
      targetPublicKey: hexName(`key/${pick % 20}`, 8),
    },
    {
      ...actor,
      eventTypeName: 'GROUP_TAGS_MODIFIED',
      groupId: projects[pick % Math.max(1, projects.length)]?.id ?? hexName('group', 24),
    },
    { ...actor, eventTypeName: 'ORG_SETTINGS_UPDATED' },
  ];
  return kinds[hash % kinds.length] ?? {};
}
