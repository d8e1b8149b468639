/** A binary heap: `pop` returns the entry with the lowest key. Of equal keys, the one that was pushed first comes first. */
export class EventHeap<T> {
  readonly #entries: Array<{ key: number; order: number; value: T }> = [];
  #pushed = 0;

  get size(): number {
    return this.#entries.length;
  }

  push(key: number, value: T): void {
    const entries = this.#entries;
    const entry = { key, order: this.#pushed++, value };
    let index = entries.length;
    entries.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = entries[above];
      if (!parent || !isBefore(entry, parent)) break;
      entries[index] = parent;
      index = above;
    }
    entries[index] = entry;
  }

  pop(): { key: number; value: T } | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (!top || !last || entries.length === 0) return top;
    let index = 0;
    for (;;) {
      const [left, right] = [entries[2 * index + 1], entries[2 * index + 2]];
      if (!left) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      entries[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    entries[index] = last;
    return top;
  }
}

interface Ordered {
  key: number;
  order: number;
}

function isBefore(one: Ordered, other: Ordered): boolean {
  return one.key < other.key || (one.key === other.key && one.order < other.order);
}
