import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { DAY } from '../../shared/durations.ts';

/** Number of buckets. The first byte of a key's hash selects the bucket. */
const BUCKETS = 256;

/** Bytes kept of a hash. The chance that any two of 10^9 keys share them is below one in 10^10. */
const HASH_BYTES = 12;
/** The hash, and the day of the row in days since the epoch. */
const ENTRY_BYTES = HASH_BYTES + 4;

/** Maximum entries of a bucket in memory before it spills to a file: 32 MB for all buckets. */
const ENTRIES_IN_MEMORY = 8_192;

/** Finds duplicate natural keys. Memory does not grow with the rows, because it writes hashes to files. */
export class NaturalKeys {
  readonly #folder: string;
  readonly #buffers: Buffer[] = [];
  readonly #used = new Uint32Array(BUCKETS);
  readonly #spilled = new Set<number>();
  readonly #most: number;

  /** @param folder an existing empty folder, which the caller deletes */
  constructor(folder: string, entriesInMemory = ENTRIES_IN_MEMORY) {
    this.#folder = folder;
    this.#most = entriesInMemory * ENTRY_BYTES;
  }

  /**
   * Adds a row.
   * @param identity identifies the row in its table
   * @param day the day of the row's partition, ms since the epoch
   */
  async add(identity: string, day: number): Promise<void> {
    const digest = hash('sha256', identity, 'buffer');
    const bucket = digest[0] ?? 0;
    const used = this.#used[bucket] ?? 0;
    const buffer = this.#roomIn(bucket, used);
    digest.copy(buffer, used, 0, HASH_BYTES);
    buffer.writeInt32LE(Math.floor(day / DAY), used + HASH_BYTES);
    this.#used[bucket] = used + ENTRY_BYTES;
    if (used + ENTRY_BYTES >= this.#most) await this.#spill(bucket);
  }

  /** Counts, by day in ms since the epoch, the rows beyond the first of each key. */
  async duplicates(): Promise<Map<number, number>> {
    const extra = new Map<number, number>();
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const entries = await this.#read(bucket);
      const seen = new Set<string>();
      for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
        const key = entries.toString('latin1', at, at + HASH_BYTES);
        if (!seen.has(key)) {
          seen.add(key);
          continue;
        }
        const day = entries.readInt32LE(at + HASH_BYTES) * DAY;
        extra.set(day, (extra.get(day) ?? 0) + 1);
      }
    }
    return extra;
  }

  /** Returns a buffer with room for an entry. Buffers grow with use, because most tables need little memory. */
  #roomIn(bucket: number, used: number): Buffer {
    const buffer = this.#buffers[bucket] ?? Buffer.alloc(ENTRY_BYTES);
    const room = used < buffer.length ? buffer : Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    this.#buffers[bucket] = room;
    return room;
  }

  async #spill(bucket: number): Promise<void> {
    const file = await open(this.#fileOf(bucket), 'a');
    try {
      await file.write(this.#inMemory(bucket));
    } finally {
      await file.close();
    }
    this.#spilled.add(bucket);
    this.#used[bucket] = 0;
  }

  async #read(bucket: number): Promise<Buffer> {
    const rest = this.#inMemory(bucket);
    if (!this.#spilled.has(bucket)) return rest;
    const file = await open(this.#fileOf(bucket), 'r');
    try {
      return Buffer.concat([await file.readFile(), rest]);
    } finally {
      await file.close();
    }
  }

  #inMemory(bucket: number): Buffer {
    return (this.#buffers[bucket] ?? Buffer.alloc(0)).subarray(0, this.#used[bucket]);
  }

  #fileOf(bucket: number): string {
    return path.join(this.#folder, `keys-${bucket}`);
  }
}
