import {
  type AnnouncedObject,
  type CommitRecord,
  decodeRecord,
  encodeGivenUp,
  encodeRecord,
  type GivenUpBatch,
  isGivenUp,
} from '../cursors/commit-record.ts';
import type { PartitionKey } from '../cursors/header.ts';
import type { LakeLog } from '../cursors/recovery.ts';
import { batchOfRecord, LAST_BATCH, recordFolder, recordKey, recordPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The commit records, beside the data in the bucket. For each batch, either its record or the statement that
 * it was abandoned is created, whichever comes first; S3 rejects the other. This decides whether the batch is
 * part of the lake.
 */
export class CommitLog implements LakeLog {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /**
   * Writes the record of a batch. @throws {ObjectExistsError} if the batch was abandoned, or another batch has
   * its number
   */
  async write(scope: PartitionKey, record: CommitRecord): Promise<void> {
    await this.#objects.create(recordKey(scope, record.batch), encodeRecord(record));
  }

  empty({ key, sha256 }: AnnouncedObject): Promise<boolean> {
    return this.#objects.empty(key, sha256);
  }

  async giveUp(
    scope: PartitionKey,
    batch: number,
    objects: readonly AnnouncedObject[],
  ): Promise<CommitRecord | null> {
    const body = encodeGivenUp({ givenUp: objects });
    if ((await this.#objects.createUnlessExists(recordKey(scope, batch), body)) === 'created') return null;
    const record = await this.readRecord(scope, batch);
    return record === null || isGivenUp(record) ? null : record;
  }

  hasRecord(scope: PartitionKey, batch: number): Promise<boolean> {
    return this.#objects.exists(recordKey(scope, batch));
  }

  async recordsAfter(scope: PartitionKey, after: number | null): Promise<number[]> {
    const start = after === null ? undefined : recordKey(scope, after);
    const keys = await this.#objects.list(recordPrefix(scope), start);
    return keys.map(batchOfRecord).filter((batch) => batch !== undefined);
  }

  /** Returns the ids of the projects and organisations that have records of a dataset. */
  async recordedIds(dataset: string): Promise<string[]> {
    return this.#objects.listFolders(recordFolder(dataset));
  }

  /**
   * Reads the newest records, the newest one first, without abandoned batches.
   *
   * @param count how many numbers of batches are looked at
   */
  async *newestRecords(scope: PartitionKey, count: number): AsyncGenerator<CommitRecord> {
    const last = await this.#lastBatch(scope);
    if (last === undefined) return;
    for (const batch of (await this.recordsAfter(scope, last - count)).reverse()) {
      const record = await this.readRecord(scope, batch);
      if (record !== null && !isGivenUp(record)) yield record;
    }
  }

  /** Returns the last recorded batch. It looks for it by halves, because there are thousands, and S3 lists them from the first. */
  async #lastBatch(scope: PartitionKey): Promise<number | undefined> {
    let last: number | undefined;
    let [low, high] = [0, LAST_BATCH];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const key = await this.#objects.firstAfter(recordPrefix(scope), recordKey(scope, middle));
      const batch = key === undefined ? undefined : batchOfRecord(key);
      if (batch === undefined) high = middle;
      else {
        last = batch;
        low = batch;
      }
    }
    return last;
  }

  async readRecord(scope: PartitionKey, batch: number): Promise<CommitRecord | GivenUpBatch | null> {
    const body = await this.#objects.read(recordKey(scope, batch));
    return body && decodeRecord(body);
  }
}
