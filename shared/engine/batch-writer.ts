import pLimit from 'p-limit';
import { DynamoDbLimitError } from '../cursors/dynamodb-limits.ts';
import type { Lease } from '../cursors/lease.ts';
import { BatchFiles, type FinishedFile } from '../lake/batch-files.ts';
import type { CommitLog } from '../lake/commit-log.ts';
import type { Compression } from '../lake/compression.ts';
import { objectKey } from '../lake/keys.ts';
import { type ObjectStore, sha256Of } from '../lake/object-store.ts';
import type { Redactor } from '../lake/redaction.ts';
import type { TableRows } from '../lake/table.ts';
import { ChangedItems } from './changed-items.ts';
import { type Cursor, itemsOf, type Target } from './cursor.ts';
import { encodeAlone, type ItemChange } from './cursor-codec.ts';
import type { StateCodec, TargetState } from './dataset.ts';
import { UnstorableStateError } from './errors.ts';
import { added, type RunStatistics } from './run-statistics.ts';

/**
 * Maximum compressed bytes of one batch: about 280,000 disk values or 54,000 log entries. The function holds
 * them in memory until the commit, and twice while it joins pieces into an object. Few runs except first runs
 * reach it.
 */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Maximum objects of one batch. The design allows 500; the rest is room for one step, which may open a file
 * for each day that it touches.
 */
const BATCH_OBJECTS = 400;

/** Maximum concurrent PUTs of one batch. They are small, and S3 responds within tens of milliseconds. */
const CONCURRENT_PUTS = 8;

/** The rows and notes of a step that a batch writes. */
export interface Addition {
  tables: readonly TableRows[];
  /** Number of gaps among the rows. */
  gaps: number;
  /** For the next row of `collection_runs`. */
  notes: readonly string[];
}

/** The dependencies of a batch writer. */
export interface BatchTools {
  lake: ObjectStore;
  log: CommitLog;
  redactor: Redactor;
  compression: Compression;
  /** The run's id. */
  run: string;
  now(): number;
}

/** Returns the final statistics of a run, and the rows that report them. */
export type Close = (statistics: RunStatistics) => {
  statistics: RunStatistics;
  tables: readonly TableRows[];
};

/**
 * Collects rows and the cursors that move with them, and writes both together: announce, write, record,
 * commit. Steps run concurrently, but the writer adds their results one at a time, so that a batch never
 * holds half of a step.
 */
export class BatchWriter<State extends TargetState> {
  readonly #codec: StateCodec<State>;
  readonly #lease: Lease;
  readonly #tools: BatchTools;
  readonly #oneAtATime = pLimit(1);
  #files: BatchFiles;
  #items: ChangedItems<State>;
  #rows = 0;
  #gaps = 0;
  #notes: string[] = [];
  #statistics: RunStatistics;
  /** True while a write is in progress and after one has failed. Nothing may be written then. */
  #broken = false;
  /** Why the first write failed. */
  #cause: unknown = null;
  /** What this run has committed, without rows of `collection_runs`. */
  readonly committed = { rows: 0, bytes: 0 };

  constructor(codec: StateCodec<State>, lease: Lease, tools: BatchTools, statistics: RunStatistics) {
    this.#codec = codec;
    this.#items = new ChangedItems(codec);
    this.#lease = lease;
    this.#tools = tools;
    this.#files = this.#newFiles();
    this.#statistics = statistics;
  }

  /**
   * Checks that DynamoDB accepts the new state of a target, before its step is added. A batch that has taken the step
   * can only be committed as a whole.
   * @throws {UnstorableStateError}
   */
  check(target: Target<State>, state: State): void {
    const cursors = encodeAlone(this.#codec, target, state);
    try {
      this.#lease.check({ cursors, statistics: null });
    } catch (error) {
      throw error instanceof DynamoDbLimitError ? new UnstorableStateError(error) : error;
    }
  }

  /**
   * Adds rows and the target that changes with them. `apply` changes the target in memory. The writer calls
   * it when the batch takes the rows, so that no commit holds one without the other.
   */
  add(
    { cursor, item }: Pick<Target<State>, 'cursor' | 'item'>,
    { tables, gaps, notes }: Addition,
    apply: () => void,
  ): Promise<void> {
    return this.#alone(async () => {
      await this.#makeRoom(cursor, item);
      // Rows in the files must not be committed until the target has changed too.
      this.#broken = true;
      for (const { table, rows } of tables) {
        if (rows.length > 0) await this.#files.add({ table, rows });
        this.#rows += rows.length;
      }
      this.#gaps += gaps;
      this.#notes.push(...notes);
      apply();
      this.#items.add(cursor, item);
      this.#broken = false;
      if (this.#files.bytes >= BATCH_BYTES || this.#files.count >= BATCH_OBJECTS || !this.#items.fit()) {
        await this.#commit(null);
      }
    });
  }

  /**
   * Adds items of a cursor that changed without new rows; all items by default. They need not be committed
   * together.
   */
  keep(cursor: Cursor<State>, items: Iterable<number> = itemsOf(cursor)): Promise<void> {
    return this.#alone(async () => {
      for (const item of items) {
        await this.#makeRoom(cursor, item);
        this.#items.add(cursor, item);
      }
    });
  }

  /**
   * Commits the remaining changes and releases the lease. Stores and returns the statistics that `close`
   * makes of the run's own. Writes the rows that `close` returns with the same batch, without counting them.
   */
  finish(close: Close): Promise<RunStatistics> {
    return this.#alone(async () => {
      await this.#commit(close);
      return this.#statistics;
    });
  }

  /** Does one thing at a time. After a write has failed, only throws its error. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#oneAtATime(async () => {
      if (this.#broken) throw this.#cause;
      try {
        return await work();
      } catch (error) {
        this.#cause = error;
        throw error;
      }
    });
  }

  /** Commits first if an item might not fit into the same transaction. */
  async #makeRoom(cursor: Cursor<State>, item: number): Promise<void> {
    if (!this.#items.hasRoomFor(cursor, item)) await this.#commit(null);
  }

  async #commit(close: Close | null): Promise<void> {
    this.#broken = true;
    const files = await this.#files.finish();
    const days = files.map(({ day }) => day);
    const bytes = files.reduce((sum, { body }) => sum + body.length, 0);
    let statistics: RunStatistics = {
      ...this.#statistics,
      gaps: this.#statistics.gaps + this.#gaps,
      totals: added(
        this.#statistics.totals,
        { rows: this.#rows, objects: files.length, bytes, notes: this.#notes },
        days,
      ),
    };
    if (close) {
      const closing = close(statistics);
      statistics = closing.statistics;
      const report = this.#newFiles();
      for (const tableRows of closing.tables) await report.add(tableRows);
      files.push(...(await report.finish()));
    }
    const cursors = this.#items.encode();
    this.#lease.check({ cursors, statistics });
    if (files.length > 0) await this.#write(files, cursors, statistics);
    await this.#lease.commit({ cursors, statistics, release: close !== null });
    this.committed.rows += this.#rows;
    this.committed.bytes += bytes;
    this.#statistics = statistics;
    this.#files = this.#newFiles();
    this.#items = new ChangedItems(this.#codec);
    this.#rows = 0;
    this.#gaps = 0;
    this.#notes = [];
    this.#broken = false;
  }

  #newFiles(): BatchFiles {
    return new BatchFiles(this.#tools.redactor, this.#tools.compression);
  }

  /**
   * Runs steps 2 to 4 of the protocol: announces the objects, writes them, then writes the record that says
   * that all of them exist.
   */
  async #write(
    files: readonly FinishedFile[],
    cursors: readonly ItemChange[],
    statistics: RunStatistics,
  ): Promise<void> {
    const { scope, nextBatch: batch } = this.#lease;
    const objects = files.map(({ body, rows, ...file }) => ({
      key: objectKey({ ...file, ...scope, batch, part: 0 }),
      sha256: sha256Of(body),
      bytes: body.length,
      rows,
      body,
    }));
    await this.#lease.announce(objects.map(({ key, sha256 }) => ({ key, sha256 })));
    const limit = pLimit(CONCURRENT_PUTS);
    await Promise.all(objects.map(({ key, body }) => limit(() => this.#tools.lake.create(key, body))));
    const written = objects.map(({ body: _, ...object }) => object);
    const { log, run, now } = this.#tools;
    await log.write(scope, { batch, run, at: now(), objects: written, cursors, statistics });
  }
}
