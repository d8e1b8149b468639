import type { AtlasSession, ResourceDocument } from '../../shared/atlas/api.ts';
import { AtlasResponseError } from '../../shared/atlas/errors.ts';
import { type Listing, mapListing, wholeListing } from '../../shared/atlas/listing.ts';
import { isAbsent, isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import { type Collector, defineDataset, type Source, type StepResult } from '../../shared/engine/dataset.ts';
import { isOptionalFailure } from '../../shared/engine/errors.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { isOrganisationId, type OrganisationId, type ProjectId, type Subject } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { isUnavailableToday } from '../../shared/sources/availability.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import type { ResourceType } from './catalogue/resource-type.ts';
import { restOf } from './catalogue/schedule.ts';
import { compare, isUrgent, knownBy } from './changes.ts';
import { idInLake, type Resource, readResource } from './content.ts';
import { type InventorySettings, inventoryDeclaration } from './declaration.ts';
import { type ConfiguredIds, Listings, placeholdersOf, SUBJECT, targetName } from './listings.ts';
import { inventoryRow } from './rows.ts';
import { fitted, type InventoryState, inventoryCodec, newList } from './state.ts';
import { inventory } from './tables.ts';

export const inventoryDataset = defineDataset<InventorySettings, InventoryState>(inventoryDeclaration, {
  codec: () => inventoryCodec,
  collector({ resources }, subject) {
    const ids: Partial<Record<string, Partial<Record<string, readonly string[]>>>> = resources;
    return inventoryCollector(CATALOGUE, subject, (type, id) => ids[type]?.[id] ?? []);
  },
});

/** The type that shows which organisation a project belongs to. */
const PROJECT = 'project';

const ORGANISATION_UNREADABLE =
  'the id of the organisation cannot be read: it may be missing from rows, or old';

/**
 * Collects resources. The sources are the types, and the targets are what a type is listed by, for example a cluster.
 * Each list has its own state that moves with its rows, so a list that fails does not stop the others.
 */
function inventoryCollector(
  catalogue: readonly ResourceType[],
  subject: Subject,
  configured: ConfiguredIds,
): Collector<InventoryState> {
  const types = new Map(
    catalogue.filter(({ scope }) => scope === subject.kind).map((type) => [type.name, type]),
  );
  const listings = new Listings(catalogue, configured);
  return {
    async listSources(atlas): Promise<Listing<Source>> {
      const organisation =
        subject.kind === 'organisation' ? subject.id : await organisationOf(atlas, subject.id);
      const attributes = organisation === undefined ? {} : { org_id: organisation };
      return wholeListing([...types.keys()].map((name) => ({ id: name, attributes, hasData: true })));
    },
    async listTargets(atlas, { id: typeName }) {
      const type = types.get(typeName);
      if (!type) return null;
      const ways = await listings.placeholders(atlas, subject.id, type);
      return { ...ways, items: ways.items.map(targetName) };
    },
    firstState: ({ tick }) => newList(tick - HOUR),
    nextStep(target, time) {
      const type = types.get(target.source);
      // The catalogue dropped this type; its resources may still exist in Atlas.
      if (!type) return null;
      const of = { type, subject };
      if (target.missingSince !== null) return goneStep(of, target);
      if (!isDue(target.state, time) || isUnavailableToday(target.state, time.now)) return null;
      return (atlas, collectedAt) => read(of, target, listings, time, atlas, collectedAt);
    },
    pulledBack,
  };

  /** Returns undefined when the organisation is unknown now: the last known one stays. */
  async function organisationOf(
    atlas: AtlasSession,
    project: ProjectId,
  ): Promise<OrganisationId | undefined> {
    const type = types.get(PROJECT);
    try {
      const documents = type ? await listings.list(atlas, project, type, new Map()) : wholeListing([]);
      const [document] = documents.items;
      const id = document?.['orgId'];
      if (typeof id === 'string' && isOrganisationId(id)) return id;
      if (document) atlas.remarks.notes.add(ORGANISATION_UNREADABLE);
      return undefined;
    } catch (error) {
      // The project type reports the failure itself. The other types can still be read.
      if (isOptionalFailure(error)) return undefined;
      throw error;
    }
  }
}

/** Returns whether a list is to be read in a run. A list with a rest is read earlier if that is urgent. */
function isDue(state: InventoryState, { tick, now }: RunTime): boolean {
  if (state.watermark >= tick) return false;
  return state.watermark + (state.restMs ?? 0) < tick || isUrgent(state, now);
}

/** Moves the watermark back: the list is read again, and compared with what is known of it. */
function pulledBack(state: InventoryState, instant: number): InventoryState {
  return { ...state, ...knownBy(state, instant), watermark: instant - HOUR - (state.restMs ?? 0) };
}

/** A type of resources, and whose resources are collected. */
interface TypeOfSubject {
  type: ResourceType;
  subject: Subject;
}

/** Treats the resources of an unlisted parent as if a list without them had been read. */
function goneStep(of: TypeOfSubject, target: Target<InventoryState>) {
  const { state } = target;
  const { listingAt } = target.cursor;
  const unsettled = [...state.resources.values()].some(({ missingSince }) => missingSince !== listingAt);
  if (listingAt === null || !unsettled) return null;
  return async (_atlas: AtlasSession, collectedAt: () => number) =>
    outcome(of, target, wholeListing([]), { listedAt: listingAt, watermark: state.watermark }, collectedAt());
}

async function read(
  of: TypeOfSubject,
  target: Target<InventoryState>,
  listings: Listings,
  { tick, now }: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<StepResult<InventoryState>> {
  const { type, subject } = of;
  const placeholders = placeholdersOf(type, target.name);
  let documents: Listing<ResourceDocument>;
  try {
    documents = await listings.list(atlas, subject.id, type, placeholders);
  } catch (error) {
    if (type.response === 'document' && isAbsent(error)) documents = wholeListing([]);
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
  const all = new Map([...placeholders, [SUBJECT[type.scope], subject.id] as const]);
  const unreadable = new Set([...documents.unreadable].map((id) => idInLake(type, id)));
  const resources = mapListing({ ...documents, unreadable }, (items) =>
    items
      .filter((document) => !type.emptyIsNone || Object.keys(document).some((name) => name !== 'links'))
      .map((document) => readResource(type, all, document))
      .map(checked(type)),
  );
  return outcome(of, target, resources, { listedAt: now, watermark: tick }, collectedAt());
}

function checked(type: ResourceType) {
  return (resource: Resource | { missing: string }): Resource => {
    if (!('missing' in resource)) return resource;
    const errorContext = { operation: `list ${type.name}`, attempts: 1 };
    throw new AtlasResponseError('shape', `a resource has no ${resource.missing}`, errorContext);
  };
}

function outcome(
  of: TypeOfSubject,
  target: Target<InventoryState>,
  listed: Listing<Resource>,
  { listedAt, watermark }: { listedAt: number; watermark: number },
  collectedAt: number,
): StepResult<InventoryState> {
  const { changes, knowledge } = compare(target.state, listed, listedAt);
  const kept = fitted(knowledge.resources);
  if (kept === null) {
    const errorContext = { operation: `list ${of.type.name}`, attempts: 1 };
    throw new AtlasResponseError(
      'too-large',
      'there are more resources than can be remembered',
      errorContext,
    );
  }
  const revision = target.state.revision + (changes.length > 0 ? 1 : 0);
  const rows = changes.map((change) => inventoryRow(of, target, change, { collectedAt, revision }));
  const state = {
    watermark,
    unavailableOn: null,
    restMs: restOf(of.type),
    snapshotAt: knowledge.snapshotAt,
    revision,
    ...kept,
  };
  return { state, tables: [{ table: inventory, rows }], gaps: [] };
}
