export type SourceAttributes = Readonly<Record<string, string | null>>;

/** Identifies a target of a subject. */
export interface TargetKey {
  readonly source: string;
  /** The name within the source; `SELF` for the source as a whole. */
  readonly name: string;
}

/** What a run knows of one target. Discovery, the target loop, the collector and the batch share this record. */
export interface Target<State> extends TargetKey {
  /** The cursor of the target's source. */
  readonly cursor: Cursor<State>;
  /** Number of the item of the cursor that holds the target. */
  readonly item: number;
  state: State;
  /** Whether the last listing contained the target. */
  listed: boolean;
  /**
   * Time of the first run that has missed the target since it was last listed, ms; null while it is listed.
   * If its source is listed without data, the time of the first run that saw this.
   */
  missingSince: number | null;
  /** Number of days on which runs have missed the target since then. */
  missingDays: number;
  /** The last of these days. */
  missingDay: string | null;
}

/** What a run knows of one source. All of it is stored, except `hasData`. */
export interface Cursor<State> {
  readonly source: string;
  attributes: SourceAttributes;
  /** When Atlas last listed the source's targets, ms. */
  listingAt: number | null;
  /** False if Atlas lists the source now, but without data: only its earlier data is requested. */
  hasData: boolean;
  targets: Map<string, Target<State>>;
  /**
   * The target names in each item of the cursor. A target stays in its first item, so that each item can be
   * written separately. Names of forgotten targets may remain here.
   */
  items: string[][];
  /** Number of extra parts that hold the states of each item; 0 if they fit into the item itself. */
  parts: number[];
}

export function newCursor<State>(source: string, attributes: SourceAttributes): Cursor<State> {
  return { source, attributes, listingAt: null, hasData: true, targets: new Map(), items: [], parts: [] };
}

/** Adds listed targets to the first items of a cursor that have room. */
export function addTargets<State>(
  cursor: Cursor<State>,
  targets: ReadonlyArray<[name: string, state: State]>,
  perItem: number,
): void {
  // With one target per item, existing items have no room. Skip the search through thousands of them.
  let item = perItem === 1 ? cursor.items.length : 0;
  let room = perItem - countIn(cursor, item);
  for (const [name, state] of targets) {
    while (room <= 0) {
      item += 1;
      room = perItem - countIn(cursor, item);
    }
    const names = cursor.items[item] ?? [];
    cursor.items[item] = names;
    names.push(name);
    const seen = { listed: true, missingSince: null, missingDays: 0, missingDay: null };
    cursor.targets.set(name, { source: cursor.source, name, cursor, state, item, ...seen });
    room -= 1;
  }
}

export function itemId({ source }: Cursor<unknown>, item: number): string {
  return `${source}#${item}`;
}

/** Returns whether an id is that of a cursor's first item. It always exists, because it stores the time of the listing. */
export function isFirstItem(id: string): boolean {
  return id.endsWith('#0');
}

/**
 * Returns the numbers of all items of a cursor. There is always one, because it stores the time of the
 * listing even without targets.
 */
export function itemsOf(cursor: Cursor<unknown>): number[] {
  return Array.from({ length: Math.max(1, cursor.items.length) }, (_, item) => item);
}

/** Returns the targets in an item of a cursor. */
export function targetsIn<State>(cursor: Cursor<State>, item: number): Target<State>[] {
  return (cursor.items[item] ?? []).flatMap((name) => {
    const target = cursor.targets.get(name);
    return target?.item === item ? [target] : [];
  });
}

function countIn(cursor: Cursor<unknown>, item: number): number {
  return targetsIn(cursor, item).length;
}
