import * as z from 'zod';
import { BYTES_PER_CURSOR } from '../cursors/cursor-store.ts';
import type { CursorItem, Document } from '../cursors/document.ts';
import type { OwnerAttributes, TargetState, TypedCollector } from './dataset.ts';

/** What is stored of one owner: which targets it had when last asked, and how far each has been read. */
export interface Cursor<State> {
  owner: string;
  attributes: OwnerAttributes;
  /** When Atlas last listed the owner's targets, ms. */
  listingAt: number | null;
  targets: Map<string, CursorTarget<State>>;
  /** The items that hold it in the store now. */
  storedItems: readonly string[];
  /** Neither it nor any of its targets is listed any more, long enough: its items are deleted. */
  forgotten: boolean;
}

export interface CursorTarget<State> {
  state: State;
  /** The last listing had it. */
  listed: boolean;
  /** When Atlas last listed it, ms. */
  listedAt: number;
  /** On how many days runs have missed it since, and the last of them. */
  missingDays: number;
  missingDay: string | null;
}

/** A cursor item holds so many targets at most; more are split. */
const TARGETS_PER_ITEM = 200;

/** Of an item beside its states: the owner's id and attributes (names from Atlas, 900 bytes each at most), and about so much for each target. */
const OWNER_BYTES = 5_000;
const TARGET_BYTES = 160;

const contentSchema = z.object({
  owner: z.string(),
  attributes: z.record(z.string(), z.string().nullable()),
  listing_at: z.number().nullable(),
  targets: z.array(
    z.object({
      name: z.string(),
      mark: z.number(),
      listed: z.boolean(),
      listed_at: z.number(),
      missing_days: z.int(),
      missing_day: z.string().nullable(),
    }),
  ),
  states: z.custom<Document>((value) => value !== undefined),
});

/** Puts the stored items together to cursors, by owner. */
export function decodeCursors<State extends TargetState>(
  collector: TypedCollector<State>,
  items: readonly CursorItem[],
): Map<string, Cursor<State>> {
  const cursors = new Map<string, Cursor<State>>();
  for (const { id, content } of items) {
    const stored = contentSchema.parse(content);
    const marks = new Map(stored.targets.map(({ name, mark }) => [name, mark]));
    const states = collector.decode(stored.states, marks);
    const cursor = cursors.get(stored.owner) ?? newCursor(stored.owner, stored.attributes);
    cursor.listingAt = stored.listing_at;
    cursor.storedItems = [...cursor.storedItems, id];
    for (const target of stored.targets) {
      const state = states.get(target.name);
      if (!state) throw new Error(`cursor ${id} lacks the state of a target`);
      cursor.targets.set(target.name, {
        state,
        listed: target.listed,
        listedAt: target.listed_at,
        missingDays: target.missing_days,
        missingDay: target.missing_day,
      });
    }
    cursors.set(stored.owner, cursor);
  }
  return cursors;
}

export function newCursor<State>(owner: string, attributes: OwnerAttributes): Cursor<State> {
  return { owner, attributes, listingAt: null, targets: new Map(), storedItems: [], forgotten: false };
}

/** The items that hold a cursor, those to delete (null content) included. A cursor without targets still tells when it was listed. */
export function encodeCursor<State extends TargetState>(
  collector: TypedCollector<State>,
  cursor: Cursor<State>,
): Array<{ id: string; content: Document | null }> {
  if (cursor.forgotten) return cursor.storedItems.map((id) => ({ id, content: null }));
  const items: Array<{ id: string; content: Document | null }> = splitTargets(collector, cursor).map(
    (targets, part) => ({
      id: `${cursor.owner}#${part}`,
      content: {
        owner: cursor.owner,
        attributes: cursor.attributes,
        listing_at: cursor.listingAt,
        targets: targets.map(([name, target]) => ({
          name,
          mark: target.state.mark,
          listed: target.listed,
          listed_at: target.listedAt,
          missing_days: target.missingDays,
          missing_day: target.missingDay,
        })),
        states: collector.encode(new Map(targets.map(([name, target]) => [name, target.state]))),
      },
    }),
  );
  const written = new Set(items.map(({ id }) => id));
  for (const id of cursor.storedItems) if (!written.has(id)) items.push({ id, content: null });
  return items;
}

/** What a cursor can take at most in one transaction. */
export function cursorBounds<State extends TargetState>(
  collector: TypedCollector<State>,
  cursor: Cursor<State>,
): { items: number; bytes: number } {
  const parts = splitTargets(collector, cursor);
  let bytes = parts.length * OWNER_BYTES;
  for (const [name, target] of cursor.targets) bytes += targetBound(collector, name, target);
  return { items: Math.max(parts.length, cursor.storedItems.length), bytes };
}

function splitTargets<State extends TargetState>(
  collector: TypedCollector<State>,
  cursor: Cursor<State>,
): Array<Array<[string, CursorTarget<State>]>> {
  const sorted = [...cursor.targets].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts: Array<Array<[string, CursorTarget<State>]>> = [];
  let part: Array<[string, CursorTarget<State>]> = [];
  let bytes = OWNER_BYTES;
  for (const entry of sorted) {
    const bound = targetBound(collector, ...entry);
    if (part.length === TARGETS_PER_ITEM || (part.length > 0 && bytes + bound > BYTES_PER_CURSOR)) {
      parts.push(part);
      part = [];
      bytes = OWNER_BYTES;
    }
    part.push(entry);
    bytes += bound;
  }
  parts.push(part);
  return parts;
}

function targetBound<State extends TargetState>(
  collector: TypedCollector<State>,
  name: string,
  target: CursorTarget<State>,
): number {
  // The name stands in the list of targets and among the states; three bytes for a character at most.
  return TARGET_BYTES + 6 * name.length + collector.sizeBound(target.state);
}
