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
  /** Gives the lease back with this commit. */
  release: boolean;
}

export type Acquisition = { kind: 'taken'; lease: Lease } | { kind: 'held'; leaseUntil: number };

/**
 * The time for which one run holds a dataset and project. The lease saves work; what makes it safe is that every
 * update of the header is conditional on the sequence last seen and raises it, so that a run that was taken over
 * can neither announce nor commit any more, whatever clocks say.
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
   * Step 1 of the protocol. Takes the lease, completes or gives up what a dead run had announced, brings a table that
   * is behind the lake up to it, and returns with nothing pending. What was done is noted in the statistics by the same
   * updates, so that it is reported even if this run dies.
   * @throws {LeaseLostError} when another run was quicker.
   * @throws {NewerStateError} when a later version of this program has written the header: nothing was changed.
   */
  static async acquire(
    store: CursorStore,
    lake: LakeLog,
    scope: PartitionKey,
    request: LeaseRequest,
  ): Promise<Acquisition> {
    const seen = await store.readHeader(scope);
    if (seen && seen.stateVersion > request.stateVersion) {
      const what = `the state of ${scope.dataset} of project ${scope.subject}`;
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

  /** What the engine stored with the last commit. */
  get statistics(): Document {
    return this.#header.statistics;
  }

  get sequence(): number {
    return this.#header.sequence;
  }

  /** The number of the next batch: part of the keys of its objects, and of its record. */
  get nextBatch(): number {
    return this.#header.batch + 1;
  }

  /** How many commits the table lacked, and the take-over took from the lake's records. */
  get recovered(): number {
    return this.#recovered;
  }

  readCursors(): Promise<CursorItem[]> {
    return this.#store.readCursors(this.scope);
  }

  /**
   * Checks that DynamoDB will take a commit, before the bucket has a record of it: a record that could never be committed
   * would stop every later run.
   * @throws {DynamoDbLimitError}
   */
  check({ cursors, statistics }: Pick<Commit, 'cursors' | 'statistics'>): void {
    this.#store.check(this.scope, { ...this.#header, statistics }, cursors);
  }

  /** Step 2: names the objects that the next batch will write. */
  async announce(objects: Announcement['objects']): Promise<void> {
    if (this.#header.pending) throw new Error('a batch was announced over one that is pending');
    await this.#update({ pending: { batch: this.nextBatch, objects } }, []);
  }

  /** Step 5: moves the cursors, and with them everything that was announced becomes part of the lake. */
  async commit({ cursors, statistics, release }: Commit): Promise<void> {
    const batch = this.#header.pending?.batch ?? this.#header.batch;
    const free = release && { holder: null, leaseUntil: 0 };
    await this.#update({ pending: null, batch, statistics, ...free }, cursors);
  }

  /**
   * Ends a dead run's batch. Where its record is in the bucket, all of its objects are, and it is committed. Otherwise
   * it is given up, which no late record can change, and its objects are emptied.
   */
  async #settle(lake: LakeLog, pending: Announcement, { withEmptied }: LeaseRequest): Promise<void> {
    const record =
      pending.batch === null ? null : await lake.giveUp(this.scope, pending.batch, pending.objects);
    if (record && isOf(record, pending)) {
      const { batch, statistics, cursors } = record;
      await this.#update({ pending: null, batch, statistics }, cursors);
      return;
    }
    // A record of another batch with this number: the table was restored. Its objects are not ours to touch.
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
   * Commits what the lake's records have and the table has not: it was restored to an earlier time, or is another one
   * over the same bucket. So nothing that is in the lake is read and written a second time. Where a run dies on the
   * way, the header says so, and the next one goes on.
   */
  async #catchUp(lake: LakeLog, after: number | null, { withRecovered }: LeaseRequest): Promise<void> {
    const { batch } = this.#header;
    const isBehind = after === null || this.#header.isBehind || (await lake.hasRecord(this.scope, after + 1));
    if (!isBehind) return;
    const missing = await lake.recordsAfter(this.scope, after);
    for await (const { isLast, commits, cursors, ...joined } of joinedCommits(lake, this.scope, missing)) {
      await this.#update(
        {
          batch: isLast ? Math.max(joined.batch, batch) : joined.batch,
          isBehind: !isLast,
          statistics: withRecovered(joined.statistics ?? this.#header.statistics, commits),
        },
        cursors,
      );
      this.#recovered += commits;
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
 * Batches of a new header count from the present second on: so they have other numbers than those of a table that was
 * there before it, over the same bucket. No dataset and project has more than one batch a second.
 */
function firstBatch(now: number): number {
  return Math.floor(now / 1000);
}

/**
 * An update whose answer is an error may have taken effect all the same: the SDK repeats requests whose answer was
 * lost, and the repetition meets a sequence that is already raised. So the header is read again, and only what it
 * says counts.
 * @throws {DynamoDbLimitError} for what DynamoDB would reject.
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
    // Nothing was sent.
    if (error instanceof DynamoDbLimitError) throw error;
    const stored = await store.readHeader(scope);
    if (stored?.sequence !== next.sequence || stored.writtenBy !== next.writtenBy) {
      throw new LeaseLostError(scope, error);
    }
  }
}

/** An update of the header did not get through: another run has taken over, or DynamoDB did not answer. */
export class LeaseLostError extends Error {
  override readonly name = 'TenureLostError';
  constructor(scope: PartitionKey, cause: unknown) {
    super(`${scope.dataset} of project ${scope.subject}: the header could not be updated`, { cause });
  }
}
