import { BYTES_PER_COMMIT, CURSORS_PER_COMMIT } from '../cursors/sizes.ts';
import { type Cursor, itemId } from './cursor.ts';
import { changesBound, encodeItem, type ItemChange, itemBound } from './cursor-codec.ts';
import type { StateCodec, TargetState } from './dataset.ts';

/**
 * Bytes kept free in a transaction: one more step can enlarge an item that is already in the batch, for
 * example by new series.
 */
const SPARE_BYTES = 500_000;

/** A cursor item that changes with the batch, and its maximum size in bytes. */
interface ChangedItem<State> {
  cursor: Cursor<State>;
  item: number;
  bytes: number;
}

/** The cursor items that change with a batch. One transaction commits all of them. */
export class ChangedItems<State extends TargetState> {
  readonly #codec: StateCodec<State>;
  readonly #items = new Map<string, ChangedItem<State>>();

  constructor(codec: StateCodec<State>) {
    this.#codec = codec;
  }

  add(cursor: Cursor<State>, item: number): void {
    const bytes = itemBound(this.#codec, cursor, item);
    this.#items.set(itemId(cursor, item), { cursor, item, bytes });
  }

  /** Returns whether an item can be added and all items are still certain to fit into one transaction. */
  hasRoomFor(cursor: Cursor<State>, item: number): boolean {
    if (this.#items.has(itemId(cursor, item))) return true;
    const bytes = itemBound(this.#codec, cursor, item);
    return this.#fit(changesBound(cursor, item, bytes), bytes);
  }

  /** Returns whether the items, with what later steps may add to them, fit into one transaction. */
  fit(): boolean {
    return this.#fit(0, 0);
  }

  /** Returns the items as they are stored. */
  encode(): ItemChange[] {
    return [...this.#items.values()].flatMap(({ cursor, item }) => encodeItem(this.#codec, cursor, item));
  }

  #fit(items: number, bytes: number): boolean {
    let sum = bytes;
    let count = items;
    for (const changed of this.#items.values()) {
      sum += changed.bytes;
      count += changesBound(changed.cursor, changed.item, changed.bytes);
    }
    return count <= CURSORS_PER_COMMIT && sum <= BYTES_PER_COMMIT - SPARE_BYTES;
  }
}
