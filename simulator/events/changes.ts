import { hashText } from '../hash.ts';
import type { Organisation, Project } from '../organisation/types.ts';
import { type DriftingResourceChange, driftingResourceChanges } from '../resources/drifting-resources.ts';
import { listParametersAt, RESOURCE_LISTS } from '../resources/resources.ts';
import { actorFields } from './actors.ts';

/** The types of the events of one kind of resource, and the field that names the resource. */
interface ResourceEvents {
  added: string;
  changed: string;
  removed: string;
  /** The event's field and the document's field with its value. Atlas names no resource in some kinds of events. */
  named?: { field: string; of: string };
}

/** By kind of resource. Atlas has no event for the other kinds. */
const EVENTS_OF: Readonly<Record<string, ResourceEvents>> = {
  project_user: {
    added: 'JOINED_GROUP',
    changed: 'USER_ROLES_CHANGED_AUDIT',
    removed: 'REMOVED_FROM_GROUP',
    named: { field: 'targetUsername', of: 'username' },
  },
  // Recorded without the name of the role.
  custom_db_role: {
    added: 'MONGODB_ROLE_ADDED',
    changed: 'MONGODB_ROLE_UPDATED',
    removed: 'MONGODB_ROLE_DELETED',
  },
  project_service_account: {
    added: 'SERVICE_ACCOUNT_ADDED_TO_GROUP',
    changed: 'SERVICE_ACCOUNT_SECRET_ADDED',
    removed: 'SERVICE_ACCOUNT_REMOVED_FROM_GROUP',
    named: { field: 'resourceId', of: 'clientId' },
  },
  organization_service_account: {
    added: 'SERVICE_ACCOUNT_CREATED',
    changed: 'SERVICE_ACCOUNT_SECRET_ADDED',
    removed: 'SERVICE_ACCOUNT_DELETED',
    named: { field: 'resourceId', of: 'clientId' },
  },
  organization_team: {
    added: 'TEAM_CREATED',
    changed: 'TEAM_NAME_CHANGED',
    removed: 'TEAM_DELETED',
    named: { field: 'teamId', of: 'id' },
  },
};

/** A change of a resource: when it happened, and what its event says. */
export interface ChangeEvent {
  /** Identifies the event. */
  key: string;
  at: number;
  fields: Record<string, unknown>;
}

/** Returns the changes of the resources of a project, or of the organisation itself, in [from, to). */
export function changeEvents(
  organisation: Organisation,
  project: Project | undefined,
  from: number,
  to: number,
): ChangeEvent[] {
  if (!organisation.drift) return [];
  const owner = { organisation, project };
  const ownerId = project?.id ?? organisation.id;
  const lists = RESOURCE_LISTS.filter(
    ({ kind, scope }) => EVENTS_OF[kind] && (scope === 'project') === (project !== undefined),
  ).flatMap((list) => {
    if (!('slots' in list)) return [];
    return listParametersAt(list, owner, from).flatMap((parameters) =>
      driftingResourceChanges(
        organisation,
        [list.kind, ownerId, ...Object.values(parameters)].join('/'),
        list.slots,
        from,
        to,
      ).map((change) =>
        eventOf(change, list.kind, list.document(change.resource, { ...owner, parameters, now: from })),
      ),
    );
  });
  const clusters = (project?.clusters ?? []).flatMap(({ id, name }) =>
    [
      { kind: `grant/${id}`, set: 'EMPLOYEE_ACCESS_GRANTED', ended: 'EMPLOYEE_ACCESS_REVOKED' },
      { kind: `pin/${id}`, set: 'CLUSTER_FCV_PINNED', ended: 'CLUSTER_FCV_UNPINNED' },
    ].flatMap(({ kind, set, ended }) =>
      driftingResourceChanges(organisation, kind, 2, from, to)
        .filter(({ resource }) => resource.slot === 1)
        .map((change) => described(change, change.change === 'removed' ? ended : set, { clusterName: name })),
    ),
  );
  return [...lists, ...clusters];
}

function eventOf(
  change: DriftingResourceChange,
  kind: string,
  document: Record<string, unknown>,
): ChangeEvent {
  const { named, ...types } = EVENTS_OF[kind] ?? { added: '', changed: '', removed: '' };
  const name = named && { [named.field]: document[named.of] };
  return described(change, types[change.change], { ...name });
}

function described(
  { resource, change, at }: DriftingResourceChange,
  eventTypeName: string,
  fields: Record<string, unknown>,
): ChangeEvent {
  const key = `${resource.key}/${change}/${resource.revision}`;
  return { key, at, fields: { ...actorFields(hashText(key)), eventTypeName, ...fields } };
}
