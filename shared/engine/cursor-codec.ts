import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { MAX_NAME_LENGTH } from '../atlas/api.ts';
import type { CursorItem, Document } from '../cursors/document.ts';
import { documentFromJson, documentToJson } from '../cursors/document-json.ts';
import { BYTES_PER_CURSOR } from '../cursors/sizes.ts';
import { NewerStateError } from '../cursors/versions.ts';
import { type Cursor, itemId, newCursor, type Target, targetsIn } from './cursor.ts';
import { SELF, type StateCodec, type TargetState } from './dataset.ts';

/**
 * Bytes of an item without its states: the source's id and attributes (names from Atlas, at most 900 bytes
 * each), and an estimate for each target.
 */
const SOURCE_BYTES = 5_000;
const TARGET_BYTES = 160;

/** Version of the item format. The dataset's states in an item have their own version. */
export const ITEM_VERSION = 2;

/** Maximum bytes of states in one part. */
const PART_BYTES = BYTES_PER_CURSOR - SOURCE_BYTES;

/** The stored content of one item: the source's attributes, its targets and the dataset's states. */
const contentSchema = z.strictObject({
  /** Missing in version 1. */
  version: z.literal(ITEM_VERSION).optional(),
  owner: z.string(),
  attributes: z.record(z.string(), z.string().nullable()),
  listing_at: z.number().nullable(),
  targets: z.array(
    z.strictObject({
      // Version 1 used an empty name for the source itself.
      name: z.string().transform((name) => name || SELF),
      mark: z.number(),
      listed: z.boolean(),
      missing_since: z.number().nullable(),
      missing_days: z.int(),
      missing_day: z.string().nullable(),
    }),
  ),
  /** The dataset's version of `states`. Version 1 of the item format did not store it; it was 1. */
  state_version: z.int().positive().default(1),
  /** Null if the states are stored in parts. */
  states: z.custom<Document>((value) => value !== undefined),
  parts: z.int().nonnegative().default(0),
});

/** Reads only the versions, so that an item of a later version is recognised before the rest is parsed. */
const versionSchema = z.object({
  version: z.int().default(1),
  state_version: z.int().default(1),
});

/** Decodes stored items into cursors, by source. */
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
    const states = codec.decode(document, watermarks, stored.state_version, stored.owner);
    const cursor = cursors.get(stored.owner) ?? newCursor(stored.owner, stored.attributes);
    const item = Number(id.slice(id.lastIndexOf('#') + 1));
    cursor.listingAt = oldest(cursor, stored.listing_at);
    cursor.items[item] = [...watermarks.keys()];
    cursor.parts[item] = stored.parts;
    for (const target of stored.targets) {
      const state = states.get(target.name);
      if (!state) throw new Error(`cursor ${id} lacks the state of a target`);
      cursor.targets.set(target.name, {
        source: cursor.source,
        name: target.name,
        cursor,
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

/**
 * Parses the content of an item.
 *
 * @throws {NewerStateError} if a later version of this program wrote it
 */
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

/**
 * Returns the oldest listing time of a cursor's items. A run may have died between the commits of two items,
 * so a listing counts only once all items have it.
 */
function oldest({ items, listingAt }: Cursor<unknown>, stored: number | null): number | null {
  if (items.length === 0) return stored;
  return listingAt === null || stored === null ? null : Math.min(listingAt, stored);
}

/**
 * Returns how many targets of a source share an item. Even with the largest states they fit into a DynamoDB
 * item, so that no item ever needs to be split.
 */
export function targetsPerItem({ largestState }: { largestState?: number }): number {
  if (largestState === undefined) return 1;
  return Math.floor((BYTES_PER_CURSOR - SOURCE_BYTES) / targetBytes(MAX_NAME_LENGTH, largestState));
}

/** Returns the maximum bytes of a state so that at least this many targets of a source share an item. */
export function largestStateFor(targets: number): number {
  return Math.floor((BYTES_PER_CURSOR - SOURCE_BYTES) / targets) - targetBytes(MAX_NAME_LENGTH, 0);
}

/** A change of an item in the table; null content deletes the item. */
export interface ItemChange {
  id: string;
  content: Document | null;
}

/**
 * Returns one item of a cursor as it is stored, with its parts, and updates the number of parts in the
 * cursor.
 */
export function encodeItem<State extends TargetState>(
  codec: StateCodec<State>,
  cursor: Cursor<State>,
  item: number,
): ItemChange[] {
  const id = itemId(cursor, item);
  const targets = targetsIn(cursor, item);
  const isEmpty = item > 0 && targets.length === 0;
  const states = codec.encode(new Map(targets.map(({ name, state }) => [name, state])));
  const fits = itemBound(codec, cursor, item) <= BYTES_PER_CURSOR;
  const parts = isEmpty || fits ? [] : divided(states);
  const before = cursor.parts[item] ?? 0;
  cursor.parts[item] = parts.length;
  const content: Document = {
    version: ITEM_VERSION,
    owner: cursor.source,
    attributes: cursor.attributes,
    listing_at: cursor.listingAt,
    targets: targets.map((target) => ({
      name: target.name,
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

/** Returns the items of a target with a new state, as if it were the only one of its source. */
export function encodeAlone<State extends TargetState>(
  codec: StateCodec<State>,
  target: Target<State>,
  state: State,
): ItemChange[] {
  const { name, cursor } = target;
  const targets = new Map([[name, { ...target, item: 0, state }]]);
  return encodeItem(codec, { ...cursor, targets, items: [[name]], parts: [] }, 0);
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

/** Returns the id of a part. Parts sort after their item. */
function partId(id: string, number: number): string {
  return `${id}/${number}`;
}

function isPart(id: string): boolean {
  return id.lastIndexOf('/') > id.lastIndexOf('#');
}

/**
 * Returns the maximum number of table items that change when one cursor item is written, including its new
 * and previous parts.
 */
export function changesBound({ parts }: Cursor<unknown>, item: number, bytes: number): number {
  const needed = bytes <= BYTES_PER_CURSOR ? 0 : 1 + Math.ceil(bytes / PART_BYTES);
  return 1 + Math.max(needed, parts[item] ?? 0);
}

/** Returns the maximum bytes of an item in a transaction. */
export function itemBound<State extends TargetState>(
  codec: StateCodec<State>,
  cursor: Cursor<State>,
  item: number,
): number {
  let bytes = SOURCE_BYTES;
  for (const { name, state } of targetsIn(cursor, item)) {
    bytes += targetBytes(name.length, codec.sizeBound(state));
  }
  return bytes;
}

/**
 * Returns the maximum bytes of a target. Its name is stored twice, in the list of targets and among the
 * states, with at most three bytes per character.
 */
function targetBytes(nameLength: number, stateBytes: number): number {
  return TARGET_BYTES + 6 * nameLength + stateBytes;
}
