import type { AtlasSession, ResourceDocument } from '../../shared/atlas/api.ts';
import { AtlasApiError, AtlasResponseError } from '../../shared/atlas/errors.ts';
import { isAbsent, isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { isUnavailableToday } from '../../shared/collection/availability.ts';
import {
  type Collector,
  collector,
  type Outcome,
  type Owner,
  type Target,
  type Unit,
} from '../../shared/collection/dataset.ts';
import { HOUR } from '../../shared/collection/durations.ts';
import type { RunTime } from '../../shared/collection/windows.ts';
import type { ProjectId } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import type { ResourceType } from './catalogue/resource-type.ts';
import { type Change, compare } from './changes.ts';
import { type Resource, readResource } from './content.ts';
import { type ConfiguredIds, Listings, placeholdersOf, targetName } from './listings.ts';
import { redactText } from './secrets.ts';
import {
  decodeStates,
  encodeStates,
  fitted,
  INVENTORY_VERSION,
  type InventoryState,
  inventorySize,
  newList,
} from './state.ts';
import { type InventoryRow, inventory } from './table.ts';

/** The type that says which organisation a project belongs to. */
const PROJECT = 'project';

/**
 * Collects resources: the types are the owners, and the targets are what a type is listed by, a cluster for instance.
 * So each list has a state of its own that moves with its rows, and one that fails stops no other.
 */
export function inventoryCollector(
  catalogue: readonly ResourceType[],
  unit: Unit,
  configured: ConfiguredIds,
): Collector {
  const types = new Map(catalogue.filter(({ scope }) => scope === unit).map((type) => [type.name, type]));
  const listings = new Listings(catalogue, configured);
  return collector<InventoryState>({
    async listOwners(atlas, id): Promise<Owner[]> {
      const attributes = { org_id: unit === 'organisation' ? id : await organisationOf(atlas, id) };
      return [...types.keys()].map((name) => ({ id: name, attributes, askable: true }));
    },
    async listTargets(atlas, id, { id: typeName }) {
      const type = types.get(typeName);
      if (!type) return null;
      try {
        return (await listings.placeholders(atlas, id, type)).map(targetName);
      } catch (error) {
        // The type that is listed there says so; what it was known to have may still be there.
        if (isRefused(error)) return null;
        throw error;
      }
    },
    firstState: (_target, { tick }) => newList(tick - HOUR),
    nextStep(target, time) {
      const type = types.get(target.owner);
      // A type that the catalogue no longer has is not gone from Atlas.
      if (!type) return null;
      if (target.missingSince !== null) return goneStep(type, target);
      if (target.state.mark >= time.tick || isUnavailableToday(target.state, time.now)) return null;
      return (atlas, collectedAt) => read(type, target, listings, time, atlas, collectedAt);
    },
    stateVersion: INVENTORY_VERSION,
    encode: encodeStates,
    decode: decodeStates,
    sizeBound: inventorySize,
  });

  async function organisationOf(atlas: AtlasSession, project: ProjectId): Promise<string | null> {
    const type = types.get(PROJECT);
    try {
      const [document] = type ? await listings.list(atlas, project, type, new Map()) : [];
      const id = document?.['orgId'];
      return typeof id === 'string' ? id : null;
    } catch (error) {
      // The type itself says so; the others can be read all the same.
      if (error instanceof AtlasApiError) return null;
      throw error;
    }
  }
}

/** What a parent had that is no longer listed: it goes as if a list without it had been read. */
function goneStep(type: ResourceType, target: Target<InventoryState>) {
  const { state, listingAt } = target;
  const unsettled = [...state.resources.values()].some(({ missingSince }) => missingSince !== listingAt);
  if (listingAt === null || !unsettled) return null;
  return async (_atlas: AtlasSession, collectedAt: () => number) =>
    outcome(type, target, [], { listedAt: listingAt, mark: state.mark }, collectedAt());
}

async function read(
  type: ResourceType,
  target: Target<InventoryState>,
  listings: Listings,
  { tick, now }: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<Outcome<InventoryState>> {
  const placeholders = placeholdersOf(type, target.name);
  let documents: ResourceDocument[];
  try {
    documents = await listings.list(atlas, target.project, type, placeholders);
  } catch (error) {
    if (type.answer === 'document' && isAbsent(error)) documents = [];
    else if (isRefused(error)) {
      const why = `Atlas answered ${refusalCode(error)}`;
      return {
        state: { ...target.state, unavailableOn: utcDay(now), idle: true },
        tables: [],
        gaps: [],
        warnings: [`${type.name} cannot be read: ${why}; the least role for it is ${type.role}`],
      };
    } else throw error;
  }
  const resources = documents
    .map((document) => readResource(type, placeholders, document))
    .map(checked(type));
  return outcome(type, target, resources, { listedAt: now, mark: tick }, collectedAt());
}

function checked(type: ResourceType) {
  return (resource: Resource | { missing: string }): Resource => {
    if (!('missing' in resource)) return resource;
    const occasion = { operation: `list ${type.name}`, attempts: 1 };
    throw new AtlasResponseError('shape', `a resource has no ${resource.missing}`, occasion);
  };
}

function outcome(
  type: ResourceType,
  target: Target<InventoryState>,
  listed: readonly Resource[],
  { listedAt, mark }: { listedAt: number; mark: number },
  collectedAt: number,
): Outcome<InventoryState> {
  const { changes, knowledge } = compare(target.state, listed, listedAt);
  const kept = fitted(knowledge.resources);
  if (kept === null) {
    const occasion = { operation: `list ${type.name}`, attempts: 1 };
    throw new AtlasResponseError('too-large', 'there are more resources than can be remembered', occasion);
  }
  const rows = changes.map((change) => rowOf(type, target, change, collectedAt));
  const state = { mark, unavailableOn: null, snapshotAt: knowledge.snapshotAt, ...kept };
  return { state, tables: [{ table: inventory, rows }], gaps: [] };
}

function rowOf(
  type: ResourceType,
  target: Target<InventoryState>,
  change: Change,
  collectedAt: number,
): InventoryRow {
  const parents = [...placeholdersOf(type, target.name)].filter(([name]) => `{${name}}` !== type.id);
  return {
    project_id: type.scope === 'project' ? target.project : null,
    org_id: target.attributes['org_id'] ?? null,
    resource_type: type.name,
    parent: parents.length === 0 ? null : redactText(parents.map(([, value]) => value).join('/')),
    resource_id: change.id,
    name: change.name,
    change: change.change,
    changed_fields: change.changedFields && JSON.stringify(change.changedFields),
    content_hash: change.hash,
    document: change.document,
    ts: collectedAt,
    collected_at: collectedAt,
  };
}
