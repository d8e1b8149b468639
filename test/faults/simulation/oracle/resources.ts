import type { Place, ResourceList, Unit } from '../../../../simulator/resources/resource-list.ts';
import { RESOURCE_LISTS } from '../../../../simulator/resources/resources.ts';
import type { World } from '../world.ts';
import type { CommittedRow } from './lake.ts';
import { ListCheck } from './list-check.ts';
import type { Lived } from './lived.ts';
import { stridesOf } from './strides.ts';

const DATASET = 'inventory';

/** Checks all that was promised of resources, but for clusters, processes and disks, which are in other lists as well. */
export function checkResources({ organisation, world, lake }: Lived): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ unit, values }) =>
    keyOf(unit, values['resource_type'], values['parent']),
  );
  const units: Unit[] = [undefined, ...organisation.projects].map((project) => ({ organisation, project }));
  return units.flatMap((unit) =>
    RESOURCE_LISTS.filter(({ scope }) => (scope === 'project') === (unit.project !== undefined)).flatMap(
      (list) => checkLists(list, unit, world, rows),
    ),
  );
}

/** All lists of a kind that runs have asked for. */
function checkLists(
  list: ResourceList,
  unit: Unit,
  world: World,
  rows: ReadonlyMap<string, readonly CommittedRow[]>,
): string[] {
  const project = unit.project?.id ?? unit.organisation.id;
  const moves = world.witness.commits
    .filter((commit) => commit.dataset === DATASET && commit.project === project)
    .flatMap((commit) => commit.moves.filter(({ owner }) => owner === list.kind));
  return [...new Set(moves.map(({ name }) => name))].flatMap((name) => {
    const marked = { dataset: DATASET, project, owner: list.kind, name };
    const place = placeOf(list, name);
    const { parent, only } = partsOf(list, place);
    const own = rows.get(keyOf(project, list.kind, parent)) ?? [];
    const check = new ListCheck({
      list,
      unit,
      place,
      strides: stridesOf(world, marked, ({ startedAt }) => startedAt),
      rows: own.filter(({ values }) => only === undefined || values['resource_id'] === only),
    });
    return check.all().map((violation) => `${DATASET} ${list.kind} ${name} of ${project}: ${violation}`);
  });
}

/** What stands for the placeholders of path and query, in their order, is the target's name. */
function placeOf({ path, query }: ResourceList, name: string): Place {
  const placeholders = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, placeholder = '']) => placeholder)
    .filter((placeholder) => placeholder !== 'groupId' && placeholder !== 'orgId');
  const names = query ? [...placeholders, query.placeholder] : placeholders;
  const values = name === '' ? [] : name.split('/').map(decodeURIComponent);
  return Object.fromEntries(names.map((placeholder, index) => [placeholder, values[index] ?? '']));
}

/** What tells a list's rows from those of others of its kind: their parent, or else what the list is a single document of. */
function partsOf({ path }: ResourceList, place: Place): { parent: string | null; only: string | undefined } {
  const values = Object.values(place);
  const only = path.endsWith('{endpointId}') ? values.pop() : undefined;
  return { parent: values.join('/') || null, only };
}

function keyOf(unit: string, kind: unknown, parent: unknown): string {
  return JSON.stringify([unit, kind, parent]);
}
