import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { LONGEST_NAME } from '../atlas/api.ts';
import type { CursorItem, Document } from '../cursors/document.ts';
import { documentFromJson, documentToJson } from '../cursors/document-json.ts';
import { BYTES_PER_CURSOR } from '../cursors/sizes.ts';
import { NewerStateError } from '../cursors/versions.ts';
import { SELF, type SourceAttributes, type StateCodec, type TargetState } from './dataset.ts';

/** What is stored of one source: which targets it had when last asked, and how far each has been read. */
export interface Cursor<State> {
  source: string;
  attributes: SourceAttributes;
  /** When Atlas last listed the source's targets, ms. */
  listingAt: number | null;
  targets: Map<string, CursorTarget<State>>;
  /**
   * The names of the targets in each of the items that hold it. A target stays in the item that it was put in, so that
   * each item can be written by itself; names that are forgotten since may still stand here.
   */
  items: string[][];
  /** In how many parts beside it the states of each item are stored: 0 where they fit into the item itself. */
  parts: number[];
}

export interface CursorTarget<State> {
  state: State;
  /** The item that holds it. */
  item: number;
  /** The last listing had it. */
  listed: boolean;
  /** The first of the runs that have missed it since it was last listed, ms; null while it is listed. */
  missingSince: number | null;
  /** On how many days runs have missed it since, and the last of them. */
  missingDays: number;
  missingDay: string | null;
}

/** Of an item beside its states: the source's id and attributes (names from Atlas, 900 bytes each at most), and about so much for each target. */
const OWNER_BYTES = 5_000;
const TARGET_BYTES = 160;

/** The version of the items' form, apart from the dataset's states in them. */
export const ITEM_VERSION = 2;

/** Bytes of states in one part. */
const PART_BYTES = BYTES_PER_CURSOR - OWNER_BYTES;

/** What is stored of a source's attributes and targets in one item, beside the dataset's states. */
const contentSchema = z.strictObject({
  /** Version 1 had none. */
  version: z.literal(ITEM_VERSION).optional(),
  owner: z.string(),
  attributes: z.record(z.string(), z.string().nullable()),
  listing_at: z.number().nullable(),
  targets: z.array(
    z.strictObject({
      // Version 1 had an empty name for the source itself.
      name: z.string().transform((name) => name || SELF),
      mark: z.number(),
      listed: z.boolean(),
      missing_since: z.number().nullable(),
      missing_days: z.int(),
      missing_day: z.string().nullable(),
    }),
  ),
  /** The dataset's version of `states`; of version 1 it was 1. */
  state_version: z.int().positive().default(1),
  /** Null where they are stored in parts. */
  states: z.custom<Document>((value) => value !== undefined),
  parts: z.int().nonnegative().default(0),
});

/** A stored item is of a later version than this program. */
const versionSchema = z.object({
  version: z.int().default(1),
  state_version: z.int().default(1),
});

/** Puts the stored items together to cursors, by source. */
export function decodeCursors<State extends TargetState>(
  codec: StateCodec<State>,
  items: readonly CursorItem[],
): Map<string, Cursor<State>> {
  const cursors = new Map<string, Cursor<State>>();
  const contents = new Map(items.map(({ id, content }) => [id, content]));
  for (const { id, content } of items) {
    if (isPart(id)) continue;
    const stored = contentOf(codec, id, content);
    const watermarks = new Map(stored.targets.map(({ name, mark }) => [name, mark]));
    const document = stored.parts > 0 ? joined(id, stored.parts, contents) : stored.states;
    const states = codec.decode(document, watermarks, stored.state_version);
    const cursor = cursors.get(stored.owner) ?? newCursor(stored.owner, stored.attributes);
    const item = Number(id.slice(id.lastIndexOf('#') + 1));
    cursor.listingAt = oldest(cursor, stored.listing_at);
    cursor.items[item] = [...watermarks.keys()];
    cursor.parts[item] = stored.parts;
    for (const target of stored.targets) {
      const state = states.get(target.name);
      if (!state) throw new Error(`cursor ${id} lacks the state of a target`);
      cursor.targets.set(target.name, {
        state,
        item,
        listed: target.listed,
        missingSince: target.missing_since,
        missingDays: target.missing_days,
        missingDay: target.missing_day,
      });
    }
    cursors.set(stored.owner, cursor);
  }
  return cursors;
}

/** @throws {NewerStateError} for what a later version of this program has written. */
function contentOf(
  { stateVersion }: Pick<StateCodec<TargetState>, 'stateVersion'>,
  id: string,
  content: Document,
): z.infer<typeof contentSchema> {
  const { version, state_version } = versionSchema.parse(content);
  if (version > ITEM_VERSION) throw new NewerStateError(`cursor ${id}`, version, ITEM_VERSION);
  if (state_version > stateVersion) throw new NewerStateError(`cursor ${id}`, state_version, stateVersion);
  return contentSchema.parse(content);
}

/** A run may have died between the commits of two items: the listing counts when all of them have it. */
function oldest({ items, listingAt }: Cursor<unknown>, stored: number | null): number | null {
  if (items.length === 0) return stored;
  return listingAt === null || stored === null ? null : Math.min(listingAt, stored);
}

export function newCursor<State>(source: string, attributes: SourceAttributes): Cursor<State> {
  return { source, attributes, listingAt: null, targets: new Map(), items: [], parts: [] };
}

/**
 * How many targets of a source share an item, whatever their states become: so an item never outgrows what DynamoDB
 * holds, and never needs to be divided.
 */
export function targetsPerItem({ largestState }: { largestState?: number }): number {
  if (largestState === undefined) return 1;
  return Math.floor((BYTES_PER_CURSOR - OWNER_BYTES) / targetBytes(LONGEST_NAME, largestState));
}

/** Puts targets into a cursor, into the first items that have room. */
export function addTargets<State>(
  cursor: Cursor<State>,
  targets: ReadonlyArray<[name: string, target: Omit<CursorTarget<State>, 'item'>]>,
  perItem: number,
): void {
  // An item for each target has no room once it is there: of thousands, none needs to be looked at.
  let item = perItem === 1 ? cursor.items.length : 0;
  let room = perItem - countIn(cursor, item);
  for (const [name, target] of targets) {
    while (room <= 0) {
      item += 1;
      room = perItem - countIn(cursor, item);
    }
    const names = cursor.items[item] ?? [];
    cursor.items[item] = names;
    names.push(name);
    cursor.targets.set(name, { ...target, item });
    room -= 1;
  }
}

export function itemId({ source }: Cursor<unknown>, item: number): string {
  return `${source}#${item}`;
}

/** All of a cursor's items, by number. One without targets still tells when they were listed: there is always one. */
export function itemsOf(cursor: Cursor<unknown>): number[] {
  return Array.from({ length: Math.max(1, cursor.items.length) }, (_, item) => item);
}

/** An item of the table; null content deletes it. */
export interface ItemChange {
  id: string;
  content: Document | null;
}

/** Returns one item of a cursor as it is stored, with its parts, and notes in the cursor how many these are. */
export function encodeItem<State extends TargetState>(
  codec: StateCodec<State>,
  cursor: Cursor<State>,
  item: number,
): ItemChange[] {
  const id = itemId(cursor, item);
  const targets = targetsIn(cursor, item);
  const isEmpty = item > 0 && targets.length === 0;
  const states = codec.encode(new Map(targets.map(([name, target]) => [name, target.state])));
  const fits = itemBound(codec, cursor, item) <= BYTES_PER_CURSOR;
  const parts = isEmpty || fits ? [] : divided(states);
  const before = cursor.parts[item] ?? 0;
  cursor.parts[item] = parts.length;
  const content: Document = {
    version: ITEM_VERSION,
    owner: cursor.source,
    attributes: cursor.attributes,
    listing_at: cursor.listingAt,
    targets: targets.map(([name, target]) => ({
      name,
      mark: target.state.watermark,
      listed: target.listed,
      missing_since: target.missingSince,
      missing_days: target.missingDays,
      missing_day: target.missingDay,
    })),
    state_version: codec.stateVersion,
    states: parts.length > 0 ? null : states,
    parts: parts.length,
  };
  const changes: ItemChange[] = [{ id, content: isEmpty ? null : content }];
  for (let number = 0; number < Math.max(before, parts.length); number += 1) {
    changes.push({ id: partId(id, number), content: parts[number] ?? null });
  }
  return changes;
}

function divided(states: Document): Uint8Array[] {
  const bytes = gzipSync(documentToJson(states));
  const parts = Math.ceil(bytes.length / PART_BYTES);
  return Array.from({ length: parts }, (_, number) =>
    bytes.subarray(number * PART_BYTES, (number + 1) * PART_BYTES),
  );
}

function joined(id: string, parts: number, contents: ReadonlyMap<string, Document>): Document {
  const bytes = Array.from({ length: parts }, (_, number) => {
    const part = contents.get(partId(id, number));
    if (!(part instanceof Uint8Array)) throw new Error(`cursor ${id} lacks part ${number} of its states`);
    return part;
  });
  return documentFromJson(gunzipSync(Buffer.concat(bytes)).toString('utf8'));
}

/** Parts sort behind their item. */
function partId(id: string, number: number): string {
  return `${id}/${number}`;
}

function isPart(id: string): boolean {
  return id.lastIndexOf('/') > id.lastIndexOf('#');
}

/** How many items of the table writing one item of a cursor changes at most, its parts and parts of before included. */
export function changesBound({ parts }: Cursor<unknown>, item: number, bytes: number): number {
  const needed = bytes <= BYTES_PER_CURSOR ? 0 : 1 + Math.ceil(bytes / PART_BYTES);
  return 1 + Math.max(needed, parts[item] ?? 0);
}

/** The most bytes that an item can take in a transaction. */
export function itemBound<State extends TargetState>(
  codec: StateCodec<State>,
  cursor: Cursor<State>,
  item: number,
): number {
  let bytes = OWNER_BYTES;
  for (const [name, { state }] of targetsIn(cursor, item)) {
    bytes += targetBytes(name.length, codec.sizeBound(state));
  }
  return bytes;
}

/** The name stands in the list of targets and among the states; three bytes for a character at most. */
function targetBytes(nameLength: number, stateBytes: number): number {
  return TARGET_BYTES + 6 * nameLength + stateBytes;
}

function targetsIn<State>(cursor: Cursor<State>, item: number): Array<[string, CursorTarget<State>]> {
  return (cursor.items[item] ?? []).flatMap((name): Array<[string, CursorTarget<State>]> => {
    const target = cursor.targets.get(name);
    return target?.item === item ? [[name, target]] : [];
  });
}

function countIn(cursor: Cursor<unknown>, item: number): number {
  return targetsIn(cursor, item).length;
}
