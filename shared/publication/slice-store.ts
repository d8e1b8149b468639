import pLimit from 'p-limit';
import { parseObjectKey } from '../lake/keys.ts';
import type { PublicationBucket } from '../lake/publication-bucket.ts';
import { parseSliceName, type Slice, sliceName, type WaitingSlice } from './slices.ts';

/** The folder of the publication in the bucket. It must not begin with an underscore: Athena ignores such folders. */
export const PUBLICATION_FOLDER = 'publication';

export const SLICES_FOLDER = `${PUBLICATION_FOLDER}/slices`;

/** The only file of a slice: the addresses of its objects, which Athena reads through the table of slices. */
const FILE = 'objects.txt';

const CONCURRENCY = 48;

/** The slices that wait to be published. A slice exists from when its commits were read until its rows are in Iceberg. */
export class SliceStore {
  readonly #objects: PublicationBucket;
  readonly #bucket: string;

  constructor(objects: PublicationBucket, bucket: string) {
    this.#objects = objects;
    this.#bucket = bucket;
  }

  /** Stores a slice, so that it waits. */
  async add({ table, objects }: Slice, unique: string): Promise<void> {
    const oldest = objects.reduce((least, { committedAt }) => Math.min(least, committedAt), Infinity);
    const name = sliceName({ failures: 0, oldest, unique });
    await this.#write(
      { table, name },
      objects.map(({ key }) => key),
    );
  }

  /** Returns the waiting slices of a table: those that never failed first, then the oldest. */
  async waiting(table: string): Promise<WaitingSlice[]> {
    const names = await this.#objects.folders(`${slicesPrefix(table)}slice=`);
    return names.map((name) => parseSliceName(table, name)).filter((slice) => slice !== undefined);
  }

  /** Returns the keys of a slice's objects; null if it waits no more. */
  async keys(slice: Pick<WaitingSlice, 'table' | 'name'>): Promise<string[] | null> {
    const body = await this.#objects.read(sliceFile(slice));
    if (body === null) return null;
    const prefix = `s3://${this.#bucket}/`;
    const lines = body.toString('utf8').split('\n');
    return lines.map((line) => line.slice(prefix.length));
  }

  /**
   * Removes objects that S3 has deleted, by a lifecycle rule, from a slice. A statement that reads one of them would fail. A slice
   * without objects waits no more.
   */
  async withoutDeleted(
    slice: Pick<WaitingSlice, 'table' | 'name'>,
  ): Promise<{ keys: string[]; deleted: string[] }> {
    const listed = (await this.keys(slice)) ?? [];
    const limit = pLimit(CONCURRENCY);
    const exist = await Promise.all(listed.map((key) => limit(() => this.#objects.exists(key))));
    const keys = listed.filter((_, index) => exist[index] === true);
    const deleted = listed.filter((_, index) => exist[index] !== true);
    if (keys.length === 0) await this.#objects.remove(sliceFile(slice));
    else if (deleted.length > 0) await this.#write(slice, keys);
    return { keys, deleted };
  }

  /**
   * Puts a failed slice back, without deleted objects. If `divide` is set, it becomes two slices, so that in the end one bad
   * object waits alone.
   *
   * @returns the keys that no longer exist
   */
  async putBack(slice: WaitingSlice, divide: boolean): Promise<string[]> {
    const { keys: left, deleted } = await this.withoutDeleted(slice);
    const middle = divide ? Math.ceil(left.length / 2) : left.length;
    const parts = [left.slice(0, middle), left.slice(middle)].filter((part) => part.length > 0);
    const unique = slice.name.split('-').at(-1) ?? '';
    const names = new Set<string>();
    for (const [index, part] of parts.entries()) {
      const suffix = parts.length > 1 ? `_${index}` : '';
      const name = sliceName({ ...slice, failures: slice.failures + 1, unique: unique + suffix });
      await this.#write({ table: slice.table, name }, part);
      names.add(name);
    }
    // Last: a crash before it leaves rows in two slices, and the second statement adds nothing. A slice that failed very
    // often keeps its name.
    if (!names.has(slice.name)) await this.#objects.remove(sliceFile(slice));
    return deleted;
  }

  async #write(slice: Pick<WaitingSlice, 'table' | 'name'>, keys: readonly string[]): Promise<void> {
    const lines = keys.map((key) => `s3://${this.#bucket}/${key}`).join('\n');
    await this.#objects.overwrite(sliceFile(slice), Buffer.from(lines));
  }
}

/** Returns the folder of a table's slices, for the table of slices in the catalog. */
export function slicesPrefix(table: string): string {
  return `${SLICES_FOLDER}/${table}/`;
}

/** Returns the key of the only object of a slice. The slice waits while it exists. */
export function sliceFile({ table, name }: Pick<WaitingSlice, 'table' | 'name'>): string {
  return `${slicesPrefix(table)}slice=${name}/${FILE}`;
}

/** Returns the days of some objects, in order, without repetition. */
export function daysOf(keys: readonly string[]): string[] {
  return [...new Set(keys.map((key) => parseObjectKey(key)?.day).filter((day) => day !== undefined))].sort();
}
