import { type AnnouncedObject, type CommitRecord, type GivenUpBatch, isGivenUp } from './commit-record.ts';
import type { Document } from './document.ts';
import { documentToJson } from './document-json.ts';
import type { Announcement, PartitionKey } from './header.ts';
import { BYTES_PER_COMMIT, CURSORS_PER_COMMIT } from './sizes.ts';

/** The operations of the lake that taking a lease and recovery need. */
export interface LakeLog {
  /**
   * Empties or creates an object of an abandoned batch, so that S3 rejects a PUT that is still in
   * flight. Returns false and does nothing if it has other bytes than announced.
   */
  empty(object: AnnouncedObject): Promise<boolean>;
  /**
   * Gives up a batch, unless its record exists; then returns that record. After this, the other outcome is
   * impossible.
   */
  giveUp(
    scope: PartitionKey,
    batch: number,
    objects: readonly AnnouncedObject[],
  ): Promise<CommitRecord | null>;
  hasRecord(scope: PartitionKey, batch: number): Promise<boolean>;
  /** Returns the numbers of recorded batches above `after`, ascending; all of them if it is null. */
  recordsAfter(scope: PartitionKey, after: number | null): Promise<number[]>;
  /** Returns null if there is no record. */
  readRecord(scope: PartitionKey, batch: number): Promise<CommitRecord | GivenUpBatch | null>;
}

/**
 * Returns whether a record belongs to the announced batch, not to one with the same number from before a
 * restore.
 */
export function isOf(record: CommitRecord, { objects }: Announcement): boolean {
  const written = new Map(record.objects.map(({ key, sha256 }) => [key, sha256]));
  return written.size === objects.length && objects.every(({ key, sha256 }) => sha256 === written.get(key));
}

/** Several commits joined into one: the last content of each cursor, and the last statistics. */
export interface JoinedCommits {
  /** The last batch among them. */
  batch: number;
  /** Whether this is the last batch of all. */
  isLast: boolean;
  /** Number of batches among them that were not abandoned. */
  commits: number;
  cursors: readonly { id: string; content: Document | null }[];
  /** Undefined if all were abandoned. */
  statistics: Document | undefined;
}

/** Maximum records read concurrently. */
const CONCURRENT_READS = 8;

/**
 * Reads the records of batches in order and joins as many as fit into one transaction, so that a table that
 * is far behind catches up in few transactions. Empties the objects of abandoned batches again.
 */
export async function* joinedCommits(
  lake: LakeLog,
  scope: PartitionKey,
  batches: readonly number[],
): AsyncGenerator<JoinedCommits> {
  let open = new OpenCommits();
  let last: number | undefined;
  for (let start = 0; start < batches.length; start += CONCURRENT_READS) {
    const chunk = batches.slice(start, start + CONCURRENT_READS);
    const records = await Promise.all(chunk.map((batch) => lake.readRecord(scope, batch)));
    for (const [index, record] of records.entries()) {
      if (record === null) continue;
      if (isGivenUp(record)) {
        // The run that gave the batch up may have died before it emptied all objects.
        for (const object of record.givenUp) await lake.empty(object);
      } else if (!open.add(record) && last !== undefined) {
        yield open.joined(last, false);
        open = new OpenCommits();
        open.add(record);
      }
      last = chunk[index];
    }
  }
  if (last !== undefined) yield open.joined(last, true);
}

/** The commits that are joined so far. */
class OpenCommits {
  readonly #cursors = new Map<string, { content: Document | null; bytes: number }>();
  #bytes = 0;
  #commits = 0;
  #statistics: Document | undefined;

  /**
   * Adds a commit. Returns false and adds nothing if the commits would no longer fit into one transaction.
   * One commit always fits.
   */
  add({ cursors, statistics }: CommitRecord): boolean {
    const own = cursors.map(({ id, content }) => ({ id, content, bytes: bytesOf(content) }));
    const added = own.filter(({ id }) => !this.#cursors.has(id)).length;
    const bytes = own.reduce(
      (sum, cursor) => sum + cursor.bytes - (this.#cursors.get(cursor.id)?.bytes ?? 0),
      0,
    );
    const fits = this.#cursors.size + added <= CURSORS_PER_COMMIT && this.#bytes + bytes <= BYTES_PER_COMMIT;
    if (!fits && this.#commits > 0) return false;
    for (const cursor of own) this.#cursors.set(cursor.id, cursor);
    this.#bytes += bytes;
    this.#commits += 1;
    this.#statistics = statistics;
    return true;
  }

  joined(batch: number, isLast: boolean): JoinedCommits {
    const cursors = [...this.#cursors].map(([id, { content }]) => ({ id, content }));
    return { batch, isLast, commits: this.#commits, cursors, statistics: this.#statistics };
  }
}

/** Returns an upper bound of the bytes of a content: JSON takes at least as many bytes as DynamoDB counts. */
function bytesOf(content: Document | null): number {
  return content === null ? 0 : Buffer.byteLength(documentToJson(content));
}
