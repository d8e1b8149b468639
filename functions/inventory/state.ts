import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { BYTES_PER_TARGET } from '../../shared/cursors/sizes.ts';
import { SELF, type StateCodec, type TargetState } from '../../shared/engine/dataset.ts';
import type { Availability } from '../../shared/sources/availability.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { restOf } from './catalogue/schedule.ts';
import type { Knowledge, Known } from './changes.ts';

/** What is known of one list of resources. */
export interface InventoryState extends TargetState, Availability, Knowledge {
  /** The number of the last listing that wrote rows. */
  revision: number;
  /** The resources as they are stored. */
  packed: Uint8Array;
}

/**
 * Version 1 stored each state under a key of a map. The key was empty for lists without parents, which DynamoDB
 * rejects.
 */
export const INVENTORY_VERSION = 2;

/** The maximum size of packed resources in bytes: about 100,000 resources, if only their ids and hashes are kept. */
const LARGEST_PACK = BYTES_PER_TARGET - 1_000;

/** Bytes around the packed resources. */
const OVERHEAD = 200;

/** The length of a field's hash, and the placeholder for a field that a resource does not have. */
const HASH_LENGTH = 4;
const ABSENT = '----';

/** The names of all fields come first. Each resource then has their hashes in one text, in the same order. */
const resourceFields = {
  fields: z.array(z.string()),
  resources: z.array(
    z.tuple([z.string(), z.string().nullable(), z.string(), z.string(), z.number().nullable()]),
  ),
};
const listFields = { snapshot_at: z.number().nullable(), unavailable_on: z.string().nullable() };

const packedSchema = z.strictObject(resourceFields);
const storedSchema = z.array(
  z.strictObject({
    name: z.string(),
    ...listFields,
    resources: z.instanceof(Uint8Array),
    revision: z.int().nonnegative().default(0),
  }),
);

/** Version 1 stored each list compressed as a whole, by its name. */
const firstSchema = z.record(z.string(), z.instanceof(Uint8Array));
const firstListSchema = z.strictObject({ ...listFields, ...resourceFields });

/** Returns the state of a list that was never read, or could not be read, as of `watermark`. */
export function newList(watermark: number): InventoryState {
  const resources = new Map<string, Known>();
  return {
    watermark,
    unavailableOn: null,
    snapshotAt: null,
    revision: 0,
    resources,
    packed: pack(resources),
  };
}

/** What to leave out when there are too many resources, in steps. */
const REDUCTIONS: readonly ((known: Known) => Known)[] = [
  (known) => known,
  // Changes are still found, but their rows do not name the fields.
  (known) => ({ ...known, fields: new Map() }),
  // Rows of removed resources have no name.
  (known) => ({ ...known, fields: new Map(), name: null }),
];

/**
 * Packs the resources for storing, with as much of each as fits.
 *
 * @returns null when not even their ids and hashes fit
 */
export function fitted(all: ReadonlyMap<string, Known>): Pick<InventoryState, 'resources' | 'packed'> | null {
  for (const reduce of REDUCTIONS) {
    const resources = new Map([...all].map(([id, known]) => [id, reduce(known)]));
    const packed = pack(resources);
    if (packed.length <= LARGEST_PACK) return { resources, packed };
  }
  return null;
}

/** Returns the states of one source as they are stored. */
export function encodeStates(states: ReadonlyMap<string, InventoryState>): Document {
  return [...states].map(([name, { snapshotAt, unavailableOn, revision, packed }]) => ({
    name,
    snapshot_at: snapshotAt,
    unavailable_on: unavailableOn,
    resources: packed,
    revision,
  }));
}

/** Reads what `encodeStates` returned, in this version or an earlier one. The source is a type's name. */
export function decodeStates(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
  version: number,
  source: string,
): Map<string, InventoryState> {
  const type = CATALOGUE.find(({ name }) => name === source);
  return new Map(
    readLists(stored, version).map(({ name, snapshot_at, unavailable_on, revision, resources: packed }) => [
      name,
      {
        watermark: watermarks.get(name) ?? 0,
        idle: unavailable_on !== null,
        // A list that was never read is due.
        restMs: type && snapshot_at !== null ? restOf(type) : 0,
        unavailableOn: unavailable_on,
        snapshotAt: snapshot_at,
        revision,
        resources: unpack(packedSchema.parse(JSON.parse(textOf(packed)))),
        packed,
      },
    ]),
  );
}

function readLists(stored: Document, version: number): z.infer<typeof storedSchema> {
  if (version > 1) return storedSchema.parse(stored);
  return Object.entries(firstSchema.parse(stored)).map(([name, bytes]) => {
    const { snapshot_at, unavailable_on, ...rest } = firstListSchema.parse(JSON.parse(textOf(bytes)));
    return { name: name || SELF, snapshot_at, unavailable_on, resources: pack(unpack(rest)), revision: 0 };
  });
}

/** Returns the maximum stored size of a state in bytes. */
export function inventorySize({ packed }: InventoryState): number {
  return packed.length + OVERHEAD;
}

function unpack({ fields: names, resources: all }: z.infer<typeof packedSchema>): Map<string, Known> {
  const resources = new Map<string, Known>();
  for (const [id, name, hash, hashes, missingSince] of all) {
    const fields = new Map<string, string>();
    for (const [index, field] of names.entries()) {
      const own = hashes.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
      if (own !== '' && own !== ABSENT) fields.set(field, own);
    }
    resources.set(id, { name, hash, fields, missingSince });
  }
  return resources;
}

function pack(resources: ReadonlyMap<string, Known>): Uint8Array<ArrayBuffer> {
  const fields = [...new Set([...resources.values()].flatMap((known) => [...known.fields.keys()]))];
  return gzipSync(
    JSON.stringify({
      fields,
      resources: [...resources].map(([id, { name, hash, fields: hashes, missingSince }]) => [
        id,
        name,
        hash,
        fields.map((field) => hashes.get(field) ?? ABSENT).join(''),
        missingSince,
      ]),
    } satisfies z.input<typeof packedSchema>),
  );
}

function textOf(packed: Uint8Array): string {
  return gunzipSync(packed).toString('utf8');
}

export const inventoryCodec: StateCodec<InventoryState> = {
  stateVersion: INVENTORY_VERSION,
  encode: encodeStates,
  decode: decodeStates,
  sizeBound: inventorySize,
};
