import * as z from 'zod';
import { LONGEST_NAME } from '../atlas/api.ts';
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
  /**
   * The names of the targets in each of the items that hold it. A target stays in the item that it was put in, so that
   * each item can be written by itself; names that are forgotten since may still stand here.
   */
  items: string[][];
  /** Neither it nor any of its targets is listed any more, long enough: its items are deleted. */
  forgotten: boolean;
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
      missing_since: z.number().nullable(),
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
    const item = Number(id.slice(id.lastIndexOf('#') + 1));
    cursor.listingAt = oldest(cursor, stored.listing_at);
    cursor.items[item] = [...marks.keys()];
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

/** A run may have died between the commits of two items: the listing counts when all of them have it. */
function oldest({ items, listingAt }: Cursor<unknown>, stored: number | null): number | null {
  if (items.length === 0) return stored;
  return listingAt === null || stored === null ? null : Math.min(listingAt, stored);
}

export function newCursor<State>(owner: string, attributes: OwnerAttributes): Cursor<State> {
  return { owner, attributes, listingAt: null, targets: new Map(), items: [], forgotten: false };
}

/**
 * How many targets of an owner share an item, whatever their states become: so an item never outgrows what DynamoDB
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
  let item = 0;
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

export function itemId({ owner }: Cursor<unknown>, item: number): string {
  return `${owner}#${item}`;
}

/** All of a cursor's items, by number. One without targets still tells when they were listed: there is always one. */
export function itemsOf(cursor: Cursor<unknown>): number[] {
  return Array.from({ length: Math.max(1, cursor.items.length) }, (_, item) => item);
}

/** One item of a cursor, as it is stored; null content deletes it. */
export function encodeItem<State extends TargetState>(
  collector: TypedCollector<State>,
  cursor: Cursor<State>,
  item: number,
): { id: string; content: Document | null } {
  const id = itemId(cursor, item);
  const targets = targetsIn(cursor, item);
  if (cursor.forgotten || (item > 0 && targets.length === 0)) return { id, content: null };
  return {
    id,
    content: {
      owner: cursor.owner,
      attributes: cursor.attributes,
      listing_at: cursor.listingAt,
      targets: targets.map(([name, target]) => ({
        name,
        mark: target.state.mark,
        listed: target.listed,
        missing_since: target.missingSince,
        missing_days: target.missingDays,
        missing_day: target.missingDay,
      })),
      states: collector.encode(new Map(targets.map(([name, target]) => [name, target.state]))),
    },
  };
}

/** The most bytes that an item can take in a transaction. */
export function itemBound<State extends TargetState>(
  collector: TypedCollector<State>,
  cursor: Cursor<State>,
  item: number,
): number {
  let bytes = OWNER_BYTES;
  for (const [name, { state }] of targetsIn(cursor, item)) {
    bytes += targetBytes(name.length, collector.sizeBound(state));
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
