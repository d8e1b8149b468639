import { ACCESS_LISTS } from './access.ts';
import { CLUSTER_LISTS } from './clusters.ts';
import { thingsAt } from './drift.ts';
import { NETWORK_LISTS } from './network.ts';
import { ORGANISATION_LISTS } from './organisation.ts';
import type { Place, ResourceList, Unit } from './resource-list.ts';
import { SERVERLESS_AND_FLEX_LISTS } from './serverless-and-flex.ts';
import { STREAM_AND_JOB_LISTS } from './streams-and-jobs.ts';

/** Every resource list that needs no code of its own. */
export const RESOURCE_LISTS: readonly ResourceList[] = [
  ...ACCESS_LISTS,
  ...CLUSTER_LISTS,
  ...NETWORK_LISTS,
  ...SERVERLESS_AND_FLEX_LISTS,
  ...STREAM_AND_JOB_LISTS,
  ...ORGANISATION_LISTS,
];

/** Returns the places at which a project or organisation has lists of a kind at an instant. */
export function placesAt(list: ResourceList, unit: Unit, now: number): Place[] {
  if (list.within === undefined) return [{}];
  return list.within(unit, now, (kind, place) => {
    const other = RESOURCE_LISTS.find((candidate) => candidate.kind === kind);
    return other === undefined ? [] : resourcesAt(other, unit, place, now);
  });
}

/** Returns the documents of one list at an instant, without their links. */
export function resourcesAt(
  list: ResourceList,
  unit: Unit,
  place: Place,
  now: number,
): Record<string, unknown>[] {
  const owner = unit.project?.id ?? unit.organisation.id;
  const things = thingsAt(
    unit.organisation,
    [list.kind, owner, ...Object.values(place)].join('/'),
    list.slots,
    now,
  );
  // A resource that may be missing has the second slot, which is empty at times.
  const shown = list.absent === undefined ? things : things.filter(({ slot }) => slot > 0);
  return shown.map((thing) => list.document(thing, { ...unit, place, now }));
}
