import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type {
  ListOwner,
  ListParameters,
  ResourceList,
} from '../../../../simulator/resources/resource-list.ts';
import { listParametersAt, RESOURCE_LISTS } from '../../../../simulator/resources/resources.ts';
import { isReadDaily } from '../../../support/inventory-kinds.ts';
import type { History } from '../history.ts';
import type { World } from '../world.ts';
import { advancesOf } from './advances.ts';
import { formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import { ListCheck } from './list-check.ts';
import { runsOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';

const DATASET = 'inventory';

/** How old the parents of lists can be: runs list them once an hour, and a list takes some minutes. */
const LISTING = HOUR + 10 * MINUTE;

/** No list contains these. Runs read them by configured ids, and histories configure none. */
const CONFIGURED = new Set(['migration_validation', 'sample_dataset_load']);

/** Checks every promise about resources except clusters, processes and disks, which are in other lists too. */
export function checkResources({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ subject, values }) =>
    keyOf(subject, values['resource_type'], values['parent']),
  );
  const owners: ListOwner[] = [undefined, ...organisation.projects].map((project) => ({
    organisation,
    project,
  }));
  return owners.flatMap((owner) =>
    RESOURCE_LISTS.filter(({ scope }) => (scope === 'project') === (owner.project !== undefined)).flatMap(
      (list) => [...checkLists(list, owner, world, rows, history), ...checkEveryListRead(list, owner, world)],
    ),
  );
}

/** Checks all lists of a kind that runs requested. */
function checkLists(
  list: ResourceList,
  owner: ListOwner,
  world: World,
  rows: ReadonlyMap<string, readonly CommittedRow[]>,
  { unreadable }: History,
): string[] {
  const project = owner.project?.id ?? owner.organisation.id;
  const moves = world.observer.commits
    .filter((commit) => commit.dataset === DATASET && commit.subject === project)
    .flatMap((commit) => commit.moves.filter(({ source }) => source === list.kind));
  return [...new Set(moves.map(({ name }) => name))].flatMap((name) => {
    const tracked = { dataset: DATASET, subject: project, source: list.kind, name };
    const parameters = parametersOf(list, name);
    const { parent, only } = partsOf(list, parameters);
    const own = rows.get(keyOf(project, list.kind, parent)) ?? [];
    const check = new ListCheck({
      list,
      owner,
      parameters,
      unreadable,
      advances: advancesOf(world, tracked, ({ startedAt }) => startedAt),
      rows: own.filter(({ values }) => only === undefined || values['resource_id'] === only),
    });
    return check
      .violations()
      .map((violation) => `${DATASET} ${list.kind} ${name} of ${project}: ${violation}`);
  });
}

/** Checks that a run that reports `complete` read every existing list. If a parent may be gone, it must have tried once. */
function checkEveryListRead(list: ResourceList, owner: ListOwner, world: World): string[] {
  if (CONFIGURED.has(list.kind)) return [];
  const project = owner.project?.id ?? owner.organisation.id;
  return runsOf(world, { dataset: DATASET, subject: project }).flatMap(
    ({ startedAt, finishedAt, result, tick }) => {
      if (result?.outcome !== 'complete' || finishedAt === undefined) return [];
      const namesAt = (at: number) =>
        listParametersAt(list, owner, at).map((parameters) => nameOf(list, parameters));
      const [before = [], ...later] = [startedAt - LISTING, startedAt, finishedAt].map(namesAt);
      return before
        .filter((name) => later.every((names) => names.includes(name)))
        .filter((name) => {
          const tracked = { dataset: DATASET, subject: project, source: list.kind, name };
          const last = advancesOf(world, tracked, () => startedAt).findLast(({ at }) => at <= finishedAt);
          const rest = isReadDaily(list.kind) ? DAY - HOUR : 0;
          return last === undefined || (list.within === undefined && last.to + rest < tick);
        })
        .map(
          (name) =>
            `${DATASET} ${list.kind} ${name} of ${project}: not read by the run of ${formatInstant(tick)}`,
        );
    },
  );
}

/** Returns a target's name: the values of the placeholders of path and query, in order. */
function nameOf(list: ResourceList, parameters: ListParameters): string {
  const values = placeholdersOf(list).map((placeholder) => encodeURIComponent(parameters[placeholder] ?? ''));
  return values.length === 0 ? '$self' : values.join('/');
}

function parametersOf(list: ResourceList, name: string): ListParameters {
  const values = name === '$self' ? [] : name.split('/').map(decodeURIComponent);
  return Object.fromEntries(
    placeholdersOf(list).map((placeholder, index) => [placeholder, values[index] ?? '']),
  );
}

function placeholdersOf({ path, query }: ResourceList): string[] {
  const placeholders = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, placeholder = '']) => placeholder)
    .filter((placeholder) => placeholder !== 'groupId' && placeholder !== 'orgId');
  return query ? [...placeholders, query.placeholder] : placeholders;
}

/** Returns what distinguishes a list's rows from others of its kind: their parent, or the id of its only document. */
function partsOf(
  { path }: ResourceList,
  parameters: ListParameters,
): { parent: string | null; only: string | undefined } {
  const values = Object.values(parameters);
  const only = path.endsWith('{endpointId}') ? values.pop() : undefined;
  return { parent: values.join('/') || null, only };
}

function keyOf(subject: string, kind: unknown, parent: unknown): string {
  return JSON.stringify([subject, kind, parent]);
}
