import type { CursorStore } from './cursor-store.ts';
import type { CursorItem, Document } from './document.ts';
import { DynamoDbLimitError } from './dynamodb-limits.ts';
import { type Announcement, acquired, type Header, type LeaseRequest, type PartitionKey } from './header.ts';
import { isOf, joinedCommits, type LakeLog } from './recovery.ts';
import { NewerStateError } from './versions.ts';

export interface Commit {
  /** New contents; null deletes the item. */
  cursors: readonly { id: string; content: Document | null }[];
  statistics: Document;
  /** Whether this commit releases the lease. */
  release: boolean;
}

export type Acquisition = { kind: 'taken'; lease: Lease } | { kind: 'held'; leaseUntil: number };

/**
 * The lease of one run on a dataset and subject. The lease itself only saves work. Safety comes from the
 * header: every update is conditional on the sequence last seen and increases it. A run that lost the lease
 * can therefore neither announce nor commit, whatever the clocks say.
 */
export class Lease {
  readonly scope: PartitionKey;
  readonly #store: CursorStore;
  readonly #run: string;
  #header: Header & { batch: number };
  #recovered = 0;

  private constructor(
    store: CursorStore,
    scope: PartitionKey,
    run: string,
    header: Header & { batch: number },
  ) {
    this.#store = store;
    this.scope = scope;
    this.#run = run;
    this.#header = header;
  }

  /**
   * Runs step 1 of the protocol. Acquires the lease, completes or gives up a batch that a dead run announced,
   * and applies commits that the table lacks. Returns with nothing pending. The same updates record this work
   * in the statistics, so that it is reported even if this run dies.
   * @throws {LeaseLostError} if another run was faster
   * @throws {NewerStateError} if a later version of this program wrote the header; nothing was changed
   */
  static async acquire(
    store: CursorStore,
    lake: LakeLog,
    scope: PartitionKey,
    request: LeaseRequest,
  ): Promise<Acquisition> {
    const seen = await store.readHeader(scope);
    if (seen && seen.stateVersion > request.stateVersion) {
      const what = `the state of ${scope.dataset} of ${scope.subject}`;
      throw new NewerStateError(what, seen.stateVersion, request.stateVersion);
    }
    const header = acquired(seen, request);
    if (!header) return { kind: 'held', leaseUntil: seen?.leaseUntil ?? request.now };
    await writeHeader(store, scope, header, seen?.sequence ?? 0, []);
    const batch = header.batch ?? firstBatch(request.now);
    const lease = new Lease(store, scope, request.run, { ...header, batch });
    if (header.pending) await lease.#settle(lake, header.pending, request);
    await lease.#catchUp(lake, header.batch === null ? null : lease.#header.batch, request);
    return { kind: 'taken', lease };
  }

  /** The run statistics of the last commit. */
  get statistics(): Document {
    return this.#header.statistics;
  }

  get sequence(): number {
    return this.#header.sequence;
  }

  /** The number of the next batch, which is part of its record's key and its objects' keys. */
  get nextBatch(): number {
    return this.#header.batch + 1;
  }

  /** Number of commits that the table lacked and this run applied from the lake's records. */
  get recovered(): number {
    return this.#recovered;
  }

  readCursors(): Promise<CursorItem[]> {
    return this.#store.readCursors(this.scope);
  }

  /**
   * Checks that DynamoDB accepts a commit, before the bucket has a record of it. A record that cannot be
   * committed would stop every later run.
   * @throws {DynamoDbLimitError}
   */
  check({ cursors, statistics }: Pick<Commit, 'cursors' | 'statistics'>): void {
    this.#store.check(this.scope, { ...this.#header, statistics }, cursors);
  }

  /** Runs step 2: announces the objects that the next batch will write. */
  async announce(objects: Announcement['objects']): Promise<void> {
    if (this.#header.pending) throw new Error('cannot announce a batch while another is pending');
    await this.#update({ pending: { batch: this.nextBatch, objects } }, []);
  }

  /** Runs step 5: moves the cursors. Everything that was announced becomes part of the lake with them. */
  async commit({ cursors, statistics, release }: Commit): Promise<void> {
    const batch = this.#header.pending?.batch ?? this.#header.batch;
    const free = release && { holder: null, leaseUntil: 0 };
    await this.#update({ pending: null, batch, statistics, ...free }, cursors);
  }

  /**
   * Ends a dead run's batch. If its record is in the bucket, all of its objects are too, and the batch is
   * committed. Otherwise the batch is abandoned, which no late record can change, and its objects are emptied.
   */
  async #settle(lake: LakeLog, pending: Announcement, { withEmptied }: LeaseRequest): Promise<void> {
    const record =
      pending.batch === null ? null : await lake.giveUp(this.scope, pending.batch, pending.objects);
    if (record && isOf(record, pending)) {
      const { batch, statistics, cursors } = record;
      await this.#update({ pending: null, batch, statistics }, cursors);
      return;
    }
    // A record of another batch with this number means that the table was restored. The objects of that batch
    // must not be touched.
    const committed = new Set(record?.objects.map(({ key }) => key));
    const emptied: string[] = [];
    const foreign: string[] = [];
    for (const object of pending.objects) {
      const isOurs = !committed.has(object.key) && (await lake.empty(object));
      (isOurs ? emptied : foreign).push(object.key);
    }
    const statistics = withEmptied(this.#header.statistics, emptied, foreign);
    const batch = record || pending.batch === null ? this.#header.batch : pending.batch;
    await this.#update({ pending: null, batch, statistics }, []);
  }

  /**
   * Applies commits that the lake's records have and the table lacks, because it was restored to an earlier
   * time or is a new table for the same bucket. Nothing that is in the lake is read and written a second
   * time. If a run dies on the way, the header says so and the next run continues.
   */
  async #catchUp(lake: LakeLog, after: number | null, { withRecovered }: LeaseRequest): Promise<void> {
    const isBehind = after === null || this.#header.isBehind || (await lake.hasRecord(this.scope, after + 1));
    if (!isBehind) return;
    const missing = after === null ? await this.#succeed(lake) : await lake.recordsAfter(this.scope, after);
    const { batch } = this.#header;
    for await (const { isLast, commits, cursors, ...joined } of joinedCommits(lake, this.scope, missing)) {
      await this.#update(
        {
          batch: isLast ? Math.max(joined.batch, batch) : joined.batch,
          isBehind: !isLast,
          ...(joined.statistics !== undefined && { statistics: withRecovered(joined.statistics, commits) }),
        },
        cursors,
      );
      this.#recovered += commits;
    }
  }

  /**
   * Returns the numbers of all recorded batches, for a new header. It may replace a lost table, whose last run
   * may have sent a record that has not arrived. So the number after the last one is given up, which refuses that
   * record. Also gives up the number that this header starts from, so that another table can do the same.
   */
  async #succeed(lake: LakeLog): Promise<number[]> {
    for (;;) {
      const recorded = await lake.recordsAfter(this.scope, null);
      const last = recorded.at(-1);
      if (last !== undefined && (await lake.giveUp(this.scope, last + 1, [])) !== null) continue;
      const batch = Math.max(this.#header.batch, last === undefined ? 0 : last + 1);
      await lake.giveUp(this.scope, batch, []);
      this.#header = { ...this.#header, batch };
      return recorded;
    }
  }

  async #update(change: Partial<Header & { batch: number }>, cursors: Commit['cursors']): Promise<void> {
    const seen = this.#header.sequence;
    const next = { ...this.#header, ...change, sequence: seen + 1, writtenBy: this.#run };
    await writeHeader(this.#store, this.scope, next, seen, cursors);
    this.#header = next;
  }
}

/**
 * Returns the batch number to start from for a new header: the current second. The numbers therefore differ
 * from those of an earlier table for the same bucket, because no dataset and subject has more than one batch
 * a second.
 */
function firstBatch(now: number): number {
  return Math.floor(now / 1000);
}

/**
 * Writes a header and cursors. An update may succeed although its response is an error: the SDK retries a
 * request whose response was lost, and the retry finds the increased sequence. So an error makes it read the
 * header again, and only the stored header counts.
 * @throws {DynamoDbLimitError} for what DynamoDB would reject
 * @throws {LeaseLostError} if the update did not succeed
 */
async function writeHeader(
  store: CursorStore,
  scope: PartitionKey,
  next: Header,
  seen: number,
  cursors: Commit['cursors'],
): Promise<void> {
  try {
    if (cursors.length === 0) await store.putHeader(scope, next, seen);
    else await store.putTogether(scope, next, seen, cursors);
  } catch (error) {
    // DynamoDB did not receive anything.
    if (error instanceof DynamoDbLimitError) throw error;
    const stored = await store.readHeader(scope);
    if (stored?.sequence !== next.sequence || stored.writtenBy !== next.writtenBy) {
      throw new LeaseLostError(scope, error);
    }
  }
}

/** An update of the header failed: another run has the lease, or DynamoDB did not respond. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(scope: PartitionKey, cause: unknown) {
    super(`${scope.dataset} of ${scope.subject}: the header could not be updated`, { cause });
  }
}
