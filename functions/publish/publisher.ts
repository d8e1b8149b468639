import * as z from 'zod';
import type { PublicationLock } from '../../shared/cursors/publication-lock.ts';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import type { Table } from '../../shared/lake/table.ts';
import { type CatalogTable, catalogStatements } from '../../shared/publication/catalog-state.ts';
import { daysOf, PUBLICATION_FOLDER, sliceFile } from '../../shared/publication/slice-store.ts';
import { parseSliceName, type WaitingSlice } from '../../shared/publication/slices.ts';
import { mergeSlice, type PublicationNames } from '../../shared/publication/statements.ts';
import { type LostTablesTools, restartLostTables } from './lost-tables.ts';
import { addNewSlices, type SlicingTools } from './new-slices.ts';
import {
  chooseSlices,
  grouped,
  isAboutFiles,
  maintenanceDue,
  maintenanceOf,
  type Outcome,
  type Statement,
} from './plan.ts';

/** Longer than the time limit of an execution, so that no lock ends before its owner. */
export const LOCK_DURATION = 3 * HOUR + 10 * MINUTE;

/** Maximum rounds of one execution. */
export const MAX_ROUNDS = 10;

const MAINTENANCE_KEY = `${PUBLICATION_FOLDER}/maintenance.json`;

const maintenanceSchema = z.object({ day: z.string() });

/** A round of an execution. */
export interface Round {
  execution: string;
  number: number;
}

/** What the state machine does next. */
export interface Plan {
  /** `busy`: another execution or an erasure has the lock. `idle`: nothing is left to do. */
  state: 'busy' | 'idle' | 'work';
  /** The statements by table. Those of one group run one after another. */
  groups: Statement[][];
  /** The statements are the nightly ones. */
  isMaintenance: boolean;
  /** Commits are left that the next round must read. */
  hasUnread: boolean;
}

const NOTHING: Plan = { state: 'idle', groups: [], isMaintenance: false, hasUnread: false };

/** How far the publication is, for metrics and logs. */
export interface Progress {
  /** Slices that wait, after those of this round. */
  waiting: number;
  /** The age of the oldest commit whose rows are not in Iceberg, ms; 0 if all are. */
  behind: number;
}

export interface PublisherTools extends SlicingTools, LostTablesTools {
  names: PublicationNames;
  /** The age at which rows of a table are deleted, days. */
  expireAfterDays: Readonly<Record<string, number>>;
  lock: PublicationLock;
  catalog: { tables(): Promise<Map<string, CatalogTable>> };
  onProgress(progress: Progress): void;
  /** Reports that another execution or an erasure has the lock. */
  onBusy(): void;
  /** Reports objects of a table that S3 deleted before they were published, or published again. */
  onExpired(table: string, keys: readonly string[]): void;
}

/**
 * Publishes committed rows to Iceberg, in rounds. `prepare` finds what is new and returns statements, the state machine
 * runs them and removes each slice that is done, and `settle` puts back slices that failed. What a dead round leaves is done
 * by a later execution: a slice waits until its statement has succeeded, and repeating a statement adds nothing.
 */
export class Publisher {
  readonly #tools: PublisherTools;

  constructor(tools: PublisherTools) {
    this.#tools = tools;
  }

  /**
   * Returns the statements of a round.
   *
   * @param readsCommits false in a round after one that left no commit unread. Reading takes a listing for each project.
   */
  async prepare(round: Round, readsCommits = true): Promise<Plan> {
    const { lock, now, tables, names, slices, catalog } = this.#tools;
    const start = now();
    if (!(await lock.acquire(round.execution, { now: start, until: start + LOCK_DURATION }))) {
      this.#tools.onBusy();
      return { ...NOTHING, state: 'busy' };
    }
    const existing = await catalog.tables();
    // Before a statement creates them: afterwards, nothing tells that they are empty.
    await restartLostTables(existing, this.#tools);
    const read = readsCommits ? await addNewSlices(this.#tools) : { unreadSince: null, hasMore: false };
    const statements: Omit<Statement, 'token'>[] = [];
    const usable: Table[] = [];
    for (const table of tables) {
      try {
        for (const sql of catalogStatements(table, existing.get(table.name), names)) {
          statements.push({ purpose: { kind: 'catalog', table: table.name }, sql, sliceFile: null });
        }
        usable.push(table);
      } catch (error) {
        this.#tools.onFailure(table.name, error);
      }
    }
    const waiting = (await Promise.all(tables.map(({ name }) => slices.waiting(name)))).flat();
    // A slice that failed has one attempt in an execution, so that it does not hold up the others.
    const eligible = waiting.filter(({ failures }) => failures === 0 || round.number === 1);
    const usableNames = new Set(usable.map(({ name }) => name));
    const chosen = chooseSlices(eligible.filter(({ table }) => usableNames.has(table)));
    for (const slice of chosen) {
      const table = usable.find(({ name }) => name === slice.table);
      if (!table) continue;
      const keys = await this.#keysOf(slice, start);
      if (keys.length === 0) continue;
      const sql = mergeSlice(table, { name: slice.name, days: daysOf(keys) }, names);
      const purpose = { kind: 'merge', table: table.name, slice: slice.name } as const;
      statements.push({ purpose, sql, sliceFile: sliceFile(slice) });
    }
    const oldest = Math.min(read.unreadSince ?? Infinity, ...waiting.map((slice) => slice.oldest));
    // A round that read no commits does not know how far behind the tables are.
    if (readsCommits) {
      this.#tools.onProgress({
        waiting: waiting.length - chosen.length,
        behind: oldest === Infinity ? 0 : Math.max(0, start - oldest),
      });
    }
    // A table that cannot be created or changed does not hold up the maintenance of the others.
    const isMaintenance =
      chosen.length === 0 && !read.hasMore && (statements.length === 0 || round.number > 1);
    if (isMaintenance) {
      const pending = new Set(statements.map(({ purpose }) => purpose.table));
      statements.push(...(await this.#maintenance(usable.filter(({ name }) => !pending.has(name)))));
    }
    if (statements.length === 0) {
      await lock.release(round.execution);
      return NOTHING;
    }
    return {
      state: 'work',
      groups: grouped(statements, round),
      isMaintenance,
      hasUnread: read.hasMore,
    };
  }

  /** Returns the objects of a slice. Only old ones can be deleted already, so the usual hour sends no request for each object. */
  async #keysOf(slice: WaitingSlice, now: number): Promise<string[]> {
    const { slices, onExpired } = this.#tools;
    if (now - slice.oldest < DAY) return (await slices.keys(slice)) ?? [];
    const { keys, deleted } = await slices.withoutDeleted(slice);
    if (deleted.length > 0) onExpired(slice.table, deleted);
    return keys;
  }

  /** Notes the outcomes of a round, and returns whether another round follows. */
  async settle(
    round: Round,
    outcomes: readonly Outcome[],
  ): Promise<{ continues: boolean; failures: number }> {
    const { slices, lock } = this.#tools;
    const started = outcomes.filter(({ isSkipped }) => isSkipped !== true);
    const succeeded = started.filter(({ error }) => error === null);
    const failed = outcomes.filter(({ error }) => error !== null);
    // If no statement that reads slices succeeded, the failure may have nothing to do with these slices.
    const isHealthy = succeeded.some(({ purpose }) => purpose.kind === 'merge');
    for (const { purpose, error } of failed) {
      this.#tools.onFailure(
        purpose.kind === 'merge' ? `${purpose.table}/${purpose.slice}` : purpose.table,
        error,
      );
      if (purpose.kind !== 'merge') continue;
      const slice = parseSliceName(purpose.table, purpose.slice);
      const divides = isHealthy && error !== null && isAboutFiles(error);
      const deleted = slice ? await slices.putBack(slice, divides) : [];
      if (deleted.length > 0) this.#tools.onExpired(purpose.table, deleted);
    }
    const isTime = started.length === outcomes.length;
    const continues = isTime && succeeded.length > 0 && round.number < MAX_ROUNDS;
    if (!continues) await lock.release(round.execution);
    return { continues, failures: failed.length };
  }

  /** Ends an execution that failed. */
  async abandon({ execution }: Pick<Round, 'execution'>): Promise<void> {
    await this.#tools.lock.release(execution);
  }

  async #maintenance(tables: readonly Table[]): Promise<Omit<Statement, 'token'>[]> {
    const { objects, now, names, expireAfterDays } = this.#tools;
    const body = await objects.read(MAINTENANCE_KEY);
    const done = body && maintenanceSchema.parse(JSON.parse(body.toString('utf8'))).day;
    const day = maintenanceDue(now(), done);
    if (day === null) return [];
    // Before the statements: one that fails is tried again the next night, and does not hold up the publication.
    await objects.overwrite(MAINTENANCE_KEY, Buffer.from(JSON.stringify({ day })));
    return tables.flatMap((table) =>
      maintenanceOf(table, { now: now(), expireAfterDays: expireAfterDays[table.name], names }),
    );
  }
}
