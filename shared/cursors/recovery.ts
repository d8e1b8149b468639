import { type AnnouncedObject, type CommitRecord, type GivenUpBatch, isGivenUp } from './commit-record.ts';
import type { Document } from './document.ts';
import { documentToJson } from './document-json.ts';
import type { Announcement, PartitionKey } from './header.ts';
import { BYTES_PER_COMMIT, CURSORS_PER_COMMIT } from './sizes.ts';

/** The lake, as far as taking over and recovering need it. */
export interface LakeLog {
  /**
   * Makes an object of a batch that was given up harmless: empty, so that a PUT which is still under way meets an
   * object and is refused. False, and nothing done, where it holds other bytes than were announced.
   */
  empty(object: AnnouncedObject): Promise<boolean>;
  /** Gives a batch up, unless its record is there: then returns that. From then on the other can never happen. */
  giveUp(
    scope: PartitionKey,
    batch: number,
    objects: readonly AnnouncedObject[],
  ): Promise<CommitRecord | null>;
  hasRecord(scope: PartitionKey, batch: number): Promise<boolean>;
  /** The numbers of recorded batches above `after`, rising; all of them where it is null. */
  recordsAfter(scope: PartitionKey, after: number | null): Promise<number[]>;
  /** Null where there is none. */
  readRecord(scope: PartitionKey, batch: number): Promise<CommitRecord | GivenUpBatch | null>;
}

/** Whether a record is of the batch that was announced, and not of one that had the same number before a restore. */
export function isOf(record: CommitRecord, { objects }: Announcement): boolean {
  const written = new Map(record.objects.map(({ key, sha256 }) => [key, sha256]));
  return written.size === objects.length && objects.every(({ key, sha256 }) => sha256 === written.get(key));
}

/** Several commits as one: of each cursor the last content, and the statistics of the last. */
export interface JoinedCommits {
  /** The last batch of them. */
  batch: number;
  /** No batch follows. */
  isLast: boolean;
  /** How many of them were not given up. */
  commits: number;
  cursors: readonly { id: string; content: Document | null }[];
  /** Undefined when all were given up. */
  statistics: Document | undefined;
}

/** Records that are read at a time. */
const CONCURRENT_READS = 8;

/**
 * Reads batches' records in order and joins as many as one transaction takes: a table that is far behind catches up in
 * few of them. What was given up is emptied once more.
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
        // The run that gave it up may have died before all of it was empty.
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

/** Commits that are being joined. */
class OpenCommits {
  readonly #cursors = new Map<string, { content: Document | null; bytes: number }>();
  #bytes = 0;
  #commits = 0;
  #statistics: Document | undefined;

  /** False, and nothing added, where they would not fit into one transaction any more. One commit always fits. */
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

/** JSON takes at least as many bytes as DynamoDB counts. */
function bytesOf(content: Document | null): number {
  return content === null ? 0 : Buffer.byteLength(documentToJson(content));
}
