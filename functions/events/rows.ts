import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Subject } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { events } from './tables.ts';

/** The beginning of a service account's id, which Atlas also gives in place of a user's name. */
const SERVICE_ACCOUNT = /^mdb_sa_id_/;

interface Actor {
  kind: 'user' | 'api_key' | 'service_account' | 'atlas';
  name: string | null;
  id: string | null;
}

/** Returns the row of an event from the list of a project or organisation. */
export function eventRow(subject: Subject, event: AtlasEvent, collectedAt: number): RowOf<typeof events> {
  const actor = actorOf(event);
  const target = targetOf(event);
  return {
    project_id: subject.kind === 'project' ? subject.id : event.project,
    org_id: subject.kind === 'organisation' ? subject.id : null,
    event_id: event.id,
    event_type_name: event.eventTypeName,
    cluster_name: event.clusterName,
    hostname: event.hostname,
    port: event.port,
    actor_type: actor.kind,
    actor: actor.name ?? actor.id,
    target: target?.name ?? null,
    remote_address: event.remoteAddress,
    is_mongodb_employee: event.isGlobalAdmin,
    alert_id: event.alertId,
    ts: event.created,
    document: JSON.stringify(event.document),
    collected_at: collectedAt,
    actor_id: actor.id,
    target_type: target?.kind ?? null,
  };
}

function actorOf({ username, userId, publicKey, apiKeyId, serviceAccountId }: AtlasEvent): Actor {
  if (serviceAccountId !== null)
    return { kind: 'service_account', name: serviceAccountId, id: serviceAccountId };
  if (username !== null && SERVICE_ACCOUNT.test(username))
    return { kind: 'service_account', name: username, id: username };
  if (publicKey !== null || apiKeyId !== null) return { kind: 'api_key', name: publicKey, id: apiKeyId };
  if (username !== null || userId !== null) return { kind: 'user', name: username, id: userId };
  return { kind: 'atlas', name: null, id: null };
}

/** Returns the most specific thing that the event names; null if it names none. */
function targetOf(event: AtlasEvent): { kind: string; name: string } | null {
  const host = event.hostname === null || event.port === null ? null : `${event.hostname}:${event.port}`;
  const candidates: [kind: string, name: string | null][] = [
    ['user', event.targetUsername],
    ['api_key', event.targetPublicKey],
    ['database_user', event.dbUserUsername],
    ['team', event.teamId],
    [event.resourceType?.toLowerCase() ?? 'resource', event.resourceId],
    ['alert_configuration', event.alertConfigId],
    ['alert', event.alertId],
    ['host', host ?? event.hostname],
    ['cluster', event.clusterName],
  ];
  for (const [kind, name] of candidates) if (name !== null) return { kind, name };
  return null;
}
