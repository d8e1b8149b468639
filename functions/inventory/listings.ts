import { type AtlasSession, MAX_NAME_LENGTH, type ResourceDocument } from '../../shared/atlas/api.ts';
import { type Listing, wholeListing } from '../../shared/atlas/listing.ts';
import { isRefused } from '../../shared/atlas/refusal.ts';
import { type PartialListing, SELF } from '../../shared/engine/dataset.ts';
import { classifyError } from '../../shared/engine/errors.ts';
import type { SubjectId } from '../../shared/ids.ts';
import type { Parents, ResourceType } from './catalogue/resource-type.ts';

/** Values for the placeholders of a type's path other than `{groupId}` and `{orgId}`, in the order of the path. */
export type Placeholders = ReadonlyMap<string, string>;

/** Returns the ids of resources that no endpoint lists. */
export type ConfiguredIds = (type: string, subject: SubjectId) => readonly string[];

/** The placeholder of the project or organisation in a path. */
export const SUBJECT = { project: 'groupId', organisation: 'orgId' } as const;

/**
 * The lists of one run for one project or organisation. Each is requested once, although child types need it too:
 * clusters are a list of their own, and the parents of other lists.
 */
export class Listings {
  readonly #catalogue: readonly ResourceType[];
  readonly #configured: ConfiguredIds;
  readonly #known = new Map<string, Promise<Listing<ResourceDocument>>>();
  /** Parents without a readable name that have been reported. Several types have the same parents. */
  readonly #unnamed = new Set<ResourceDocument>();

  constructor(catalogue: readonly ResourceType[], configured: ConfiguredIds) {
    this.#catalogue = catalogue;
    this.#configured = configured;
  }

  /** Reads all pages of one list. Throws what the client throws. */
  list(
    atlas: AtlasSession,
    subject: SubjectId,
    type: ResourceType,
    placeholders: Placeholders,
  ): Promise<Listing<ResourceDocument>> {
    const key = `${type.name}/${targetName(placeholders)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const values = new Map([...placeholders, [SUBJECT[type.scope], subject]]);
    const listing = atlas.listResources({
      resourceType: type.name,
      segments: type.path
        .split('/')
        .slice(1)
        .map((segment) => filled(segment, values)),
      query: Object.entries(type.query ?? {}).map(([name, value]) => [name, filled(value, values)] as const),
      version: type.version,
      response: type.response,
      id: type.id,
      limit: { set: type.set, scope: type.scope, id: subject },
    });
    this.#known.set(key, listing);
    return listing;
  }

  /**
   * Returns every current way to fill the placeholders of a type's path. A parent list that cannot be read hides only
   * what is listed by it. A refusal is no failure here, because the parent type reports it itself.
   */
  async placeholders(
    atlas: AtlasSession,
    subject: SubjectId,
    type: ResourceType,
  ): Promise<PartialListing<Placeholders>> {
    const { parents } = type;
    if (parents === undefined) return complete([new Map()]);
    if (parents.kind === 'values')
      return complete(parents.values.map((value) => new Map([[parents.placeholder, value]])));
    if (parents.kind === 'configured')
      return complete(this.#configured(type.name, subject).map((id) => new Map([[parents.placeholder, id]])));
    const parent = this.#catalogue.find(({ name }) => name === parents.type);
    if (!parent) throw new Error(`the catalogue has no ${parents.type}, by which ${type.name} is listed`);
    const above = await this.placeholders(atlas, subject, parent);
    const ways: Placeholders[] = [];
    const failures = [...above.failures];
    // A parent that cannot be read may have children.
    let { hasUnknown } = above;
    for (const way of above.items) {
      try {
        const documents = await this.list(atlas, subject, parent, way);
        const items = documents.items.filter((document) => mayHaveChildren(document, parents));
        const hasUnnamed = this.#reportUnnamed(atlas, parent, parents, items);
        hasUnknown ||= documents.hasUnknown || documents.unreadable.size > 0 || hasUnnamed;
        ways.push(...items.flatMap((document) => waysBelow(way, document, parents)));
      } catch (error) {
        if (classifyError(error).kind !== 'failure') throw error;
        if (!isRefused(error)) failures.push(error);
        hasUnknown = true;
      }
    }
    return { ...wholeListing(ways), hasUnknown, failures };
  }

  /** Returns whether any parent has no readable name, and reports each such parent once in a run. */
  #reportUnnamed(
    atlas: AtlasSession,
    { name }: ResourceType,
    parents: ParentResources,
    documents: readonly ResourceDocument[],
  ): boolean {
    const unnamed = documents.filter((document) => !isNamed(document, parents));
    const unreported = unnamed.filter((document) => !this.#unnamed.has(document));
    for (const document of unreported) this.#unnamed.add(document);
    const fields = Object.values(parents.placeholders).flat().join(' or ');
    atlas.remarks.leftOut(`list ${name}`, fields, unreported.length);
    return unnamed.length > 0;
  }
}

function complete(ways: readonly Placeholders[]): PartialListing<Placeholders> {
  return { ...wholeListing(ways), failures: [] };
}

/**
 * Returns whether a parent has the values by which its children are listed. A parent that may have several fields for
 * them can also have none.
 */
function isNamed(document: ResourceDocument, { placeholders }: ParentResources): boolean {
  return Object.values(placeholders).every((fields) => {
    const values = fields.flatMap((field) => [document[field] ?? []].flat());
    return values.every(isName) && (values.length > 0 || fields.length > 1);
  });
}

type ParentResources = Extract<Parents, { kind: 'resources' }>;

function mayHaveChildren(document: ResourceDocument, { where }: ParentResources): boolean {
  return where === undefined || where.values.some((value) => value === document[where.field]);
}

/** Returns the placeholders of one parent's children: one child for each value of a field. */
function waysBelow(
  above: Placeholders,
  document: ResourceDocument,
  parents: ParentResources,
): Placeholders[] {
  let ways = [above];
  for (const [placeholder, fields] of Object.entries(parents.placeholders)) {
    const values = fields.flatMap((field) => [document[field] ?? []].flat()).filter(isName);
    ways = ways.flatMap((way) => values.map((value) => new Map([...way, [placeholder, value]])));
  }
  return ways;
}

/** Half of a surrogate pair is not Unicode: no path can contain it. */
function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  return value.isWellFormed() && value.length <= MAX_NAME_LENGTH;
}

/** Fills the placeholders of a segment or parameter. The client encodes the result. */
function filled(template: string, values: Placeholders): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value for {${name}} in a path of the catalogue`);
    return value;
  });
}

/** Returns a target's name: the values of its placeholders, each encoded so that it contains no slash. */
export function targetName(placeholders: Placeholders): string {
  if (placeholders.size === 0) return SELF;
  return [...placeholders.values()].map(encodeURIComponent).join('/');
}

/** Returns the placeholders of a target's name. */
export function placeholdersOf(type: ResourceType, name: string): Placeholders {
  const values = name === SELF ? [] : name.split('/').map(decodeURIComponent);
  return new Map(placeholderNames(type).map((placeholder, index) => [placeholder, values[index] ?? '']));
}

/** Returns the placeholders of path and query that are not the project or organisation itself. */
function placeholderNames({ path, query = {}, scope }: ResourceType): string[] {
  const templates = [path, ...Object.values(query)].join('/');
  const names = [...templates.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return [...new Set(names)].filter((name) => name !== SUBJECT[scope]);
}
