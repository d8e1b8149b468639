import { ACCESS_LISTS } from './access.ts';
import { BACKUP_LISTS } from './backups.ts';
import { CLUSTER_LISTS } from './clusters.ts';
import { driftingResourcesAt } from './drifting-resources.ts';
import { NETWORK_LISTS } from './network.ts';
import { ORGANISATION_LISTS } from './organisation.ts';
import type { ListOwner, ListParameters, ResourceList } from './resource-list.ts';
import { SECURITY_LISTS } from './security.ts';
import { SERVERLESS_AND_FLEX_LISTS } from './serverless-and-flex.ts';
import { STREAM_AND_JOB_LISTS } from './streams-and-jobs.ts';

/** Every resource list that needs no code of its own. */
export const RESOURCE_LISTS: readonly ResourceList[] = [
  ...ACCESS_LISTS,
  ...SECURITY_LISTS,
  ...CLUSTER_LISTS,
  ...BACKUP_LISTS,
  ...NETWORK_LISTS,
  ...SERVERLESS_AND_FLEX_LISTS,
  ...STREAM_AND_JOB_LISTS,
  ...ORGANISATION_LISTS,
];

/** Returns the parameters of the lists of a kind that a project or organisation has at an instant. */
export function listParametersAt(list: ResourceList, owner: ListOwner, now: number): ListParameters[] {
  if (list.within === undefined) return [{}];
  return list.within(owner, now, (kind, parameters) => {
    const other = RESOURCE_LISTS.find((candidate) => candidate.kind === kind);
    return other === undefined ? [] : resourcesAt(other, owner, parameters, now);
  });
}

/** Returns the documents of one list at an instant, without their links. */
export function resourcesAt(
  list: ResourceList,
  owner: ListOwner,
  parameters: ListParameters,
  now: number,
): Record<string, unknown>[] {
  if ('documents' in list) return list.documents({ ...owner, parameters, now });
  const ownerId = owner.project?.id ?? owner.organisation.id;
  const resources = driftingResourcesAt(
    owner.organisation,
    [list.kind, ownerId, ...Object.values(parameters)].join('/'),
    list.slots,
    now,
  );
  // A resource that may be missing has the second slot, which is empty at times.
  const shown = list.absent === undefined ? resources : resources.filter(({ slot }) => slot > 0);
  return shown.map((resource) => list.document(resource, { ...owner, parameters, now }));
}
