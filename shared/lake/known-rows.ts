import pLimit from 'p-limit';
import type { PartitionKey } from '../cursors/header.ts';
import { HashCounts } from './hash-counts.ts';
import { parseObjectKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { type StoredRow, storedRows } from './stored-rows.ts';
import { rowIdentity, type Table } from './table.ts';

/** Number of objects read at a time. */
const CONCURRENT_READS = 8;

/** What is remembered of the rows of one day. */
interface Day {
  /** The objects that were read. A committed object does not change. */
  keys: Set<string>;
  counts: HashCounts;
}

/**
 * The rows of a table that one dataset and subject have in the lake, on some days: their natural keys, and marks that a
 * caller makes of them. Takes about 20 bytes for each.
 */
export class KnownRows {
  readonly #objects: ObjectStore;
  readonly #table: Table;
  readonly #scope: PartitionKey;
  readonly #marksOf: (row: StoredRow) => readonly string[];
  #days = new Map<string, Day>();

  constructor(
    objects: ObjectStore,
    table: Table,
    scope: PartitionKey,
    marksOf: (row: StoredRow) => readonly string[],
  ) {
    this.#objects = objects;
    this.#table = table;
    this.#scope = scope;
    this.#marksOf = marksOf;
  }

  /**
   * Reads the objects of these days that are new since the last call, and forgets other days. No run may have an
   * uncommitted batch.
   * @throws {UnreadableObjectError}
   */
  async read(days: readonly string[]): Promise<void> {
    this.#days = new Map(
      days.map((day) => [day, this.#days.get(day) ?? { keys: new Set(), counts: new HashCounts() }]),
    );
    const limit = pLimit(CONCURRENT_READS);
    for (const [day, known] of this.#days) {
      const keys = await this.keysOf(day);
      const unread = keys.filter((key) => !known.keys.has(key));
      await Promise.all(unread.map((key) => limit(() => this.#readObject(key, known))));
    }
  }

  /** Returns the keys of a day's objects. */
  async keysOf(day: string): Promise<string[]> {
    const { dataset, subject } = this.#scope;
    const keys = await this.#objects.list(`${this.#table.name}/dt=${day}/${subject}-${dataset}-`);
    return keys.filter((key) => parseObjectKey(key)?.dataset === dataset);
  }

  has(row: StoredRow): boolean {
    return this.#count(identityOf(this.#table, row)) > 0;
  }

  /** Returns how many rows have a mark. */
  countOf(mark: string): number {
    return this.#count(`mark ${mark}`);
  }

  #count(text: string): number {
    let sum = 0;
    for (const { counts } of this.#days.values()) sum += counts.of(text);
    return sum;
  }

  async #readObject(key: string, { keys, counts }: Day): Promise<void> {
    const body = await this.#objects.read(key);
    if (body === null) return;
    const rows = await storedRows(key, body);
    if (rows === null) throw new UnreadableObjectError(key);
    for (const row of rows) {
      counts.add(identityOf(this.#table, row));
      for (const mark of this.#marksOf(row)) counts.add(`mark ${mark}`);
    }
    keys.add(key);
  }
}

function identityOf(table: Table, row: StoredRow): string {
  return `row ${rowIdentity(table, row)}`;
}

/** An object of the lake is damaged, so nobody can say which rows it has. */
export class UnreadableObjectError extends Error {
  override readonly name = 'UnreadableObjectError';
  constructor(key: string) {
    super(`${key} cannot be read: restore an earlier version of it, or delete it`);
  }
}
