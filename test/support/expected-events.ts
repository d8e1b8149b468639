import { type EventOwner, type SettledEvent, settledEvents } from '../../simulator/events.ts';
import type { Organisation } from '../../simulator/organisation.ts';
import { lakeTime } from './times.ts';

/** Computes the rows of events that the lake must have, from the simulator's arithmetic alone. */

/** Returns the lists of an organisation: its own, and one for each project. */
export function ownersOf(organisation: Organisation): EventOwner[] {
  return [undefined, ...organisation.projects].map((project) => ({ organisation, project }));
}

/** Returns the rows of a list's events with a second in [from, to) that are visible at an instant. */
export function expectedEvents(
  owner: EventOwner,
  from: number,
  to: number,
  readAt: number,
): Record<string, unknown>[] {
  return settledEvents(owner, from, to)
    .filter(({ visibleFrom }) => visibleFrom <= readAt)
    .map((event) => expectedEvent(owner, event));
}

/** Returns the row of an event, without the time of its collection. */
export function expectedEvent(
  { organisation, project }: EventOwner,
  { id, second, document }: SettledEvent,
): Record<string, unknown> {
  const field = (name: string) => document[name] ?? null;
  const actor = String(field('username') ?? field('publicKey'));
  const kind =
    'publicKey' in document
      ? 'api_key'
      : !('username' in document)
        ? 'atlas'
        : actor.startsWith('mdb_sa_id_')
          ? 'service_account'
          : 'user';
  const [target, type] = targetOf(document);
  return {
    project_id: project?.id ?? field('groupId'),
    org_id: project ? null : organisation.id,
    event_id: id,
    event_type_name: field('eventTypeName'),
    cluster_name: field('clusterName'),
    hostname: field('hostname'),
    port: field('port'),
    actor_type: kind,
    actor: kind === 'atlas' ? null : actor,
    target,
    remote_address: field('remoteAddress'),
    is_mongodb_employee: field('isGlobalAdmin'),
    alert_id: field('alertId'),
    ts: lakeTime(second),
    document: JSON.stringify(document),
    actor_id: kind === 'service_account' ? actor : (field('userId') ?? field('apiKeyId')),
    target_type: type,
  };
}

/** The fields that name the target in the simulator's events, each in events of its own, and the type of target. */
const TARGETS: Readonly<Record<string, string>> = {
  targetUsername: 'user',
  targetPublicKey: 'api_key',
  dbUserUsername: 'database_user',
  teamId: 'team',
  alertId: 'alert',
  clusterName: 'cluster',
};

function targetOf(document: Record<string, unknown>): [name: unknown, type: string | null] {
  if (document['hostname']) return [`${document['hostname']}:${document['port']}`, 'host'];
  if (document['resourceId']) return [document['resourceId'], String(document['resourceType'] ?? 'resource')];
  const found = Object.entries(TARGETS).find(([name]) => name in document);
  return found ? [document[found[0]], found[1]] : [null, null];
}
