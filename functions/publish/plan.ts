import { createHash } from 'node:crypto';
import { DAY, HOUR } from '../../shared/durations.ts';
import { utcDay } from '../../shared/lake/format.ts';
import type { Table } from '../../shared/lake/table.ts';
import type { WaitingSlice } from '../../shared/publication/slices.ts';
import {
  deleteExpired,
  optimize,
  type PublicationNames,
  vacuum,
} from '../../shared/publication/statements.ts';

/** What a statement is for. */
export type Purpose =
  | { kind: 'catalog'; table: string }
  | { kind: 'merge'; table: string; slice: string }
  | { kind: 'maintenance'; table: string };

/** A statement that the state machine runs in Athena. */
export interface Statement {
  purpose: Purpose;
  sql: string;
  /** The machine deletes this object when the statement has succeeded: the file of its slice. Null if it has none. */
  sliceFile: string | null;
  /** Athena runs two requests with the same token once. */
  token: string;
}

/** The outcome of a statement, as the state machine reports it. */
export interface Outcome {
  purpose: Purpose;
  /** Null if the statement succeeded or was skipped. */
  error: string | null;
  /** The statement was not started, because the execution's time was over. */
  isSkipped?: true | undefined;
}

/** Maximum statements that merge slices in one round, those of one table, and those that have not failed before. */
export const MERGES_AT_ONCE = 24;
const MERGES_OF_TABLE = 6;
const NEW_MERGES = 20;

/**
 * Maximum bytes of a plan. Step Functions allows 256 KiB for the output of a state, and the outcomes repeat the purposes.
 */
const PLAN_BYTES = 200_000;

/** The hour of the day from which on the tables are maintained, UTC. */
const MAINTENANCE_HOUR = 3;

/**
 * Chooses the slices of a round: the oldest that never failed, and places for those that failed. No table takes more than a
 * part, so that one with many slices or with bad ones does not hold up the others.
 */
export function chooseSlices(waiting: readonly WaitingSlice[]): WaitingSlice[] {
  const sorted = [...waiting].sort(
    (a, b) => a.failures - b.failures || a.oldest - b.oldest || (a.name < b.name ? -1 : 1),
  );
  const ofTable = new Map<string, number>();
  const chosen: WaitingSlice[] = [];
  for (const slice of sorted) {
    const count = ofTable.get(slice.table) ?? 0;
    const limit = slice.failures === 0 ? NEW_MERGES : MERGES_AT_ONCE;
    if (count >= MERGES_OF_TABLE || chosen.length >= limit) continue;
    ofTable.set(slice.table, count + 1);
    chosen.push(slice);
  }
  return chosen;
}

/** Errors of Athena about the files that a statement reads. */
export function isAboutFiles(error: string): boolean {
  return /\bHIVE_/.test(error);
}

/**
 * Groups statements by table, in order. The statements of a table run one after another, because two of them would
 * conflict. A statement that would exceed the size of a plan is left to the next round.
 */
export function grouped(
  statements: readonly Omit<Statement, 'token'>[],
  round: { execution: string; number: number },
): Statement[][] {
  const groups = new Map<string, Statement[]>();
  let bytes = 0;
  for (const [index, { purpose, sql, sliceFile }] of statements.entries()) {
    const statement = {
      purpose,
      sql,
      sliceFile,
      token: tokenOf(`${round.execution}/${round.number}/${index}`),
    };
    bytes += Buffer.byteLength(JSON.stringify(statement));
    if (bytes > PLAN_BYTES && groups.size > 0) break;
    groups.set(purpose.table, [...(groups.get(purpose.table) ?? []), statement]);
  }
  return [...groups.values()];
}

/** Returns the day whose maintenance is due, or null: once a day, from an hour on when fewer people query. */
export function maintenanceDue(now: number, done: string | null): string | null {
  const day = utcDay(now);
  return now % DAY >= MAINTENANCE_HOUR * HOUR && (done === null || done < day) ? day : null;
}

/** Returns the nightly statements of a table. */
export function maintenanceOf(
  table: Table,
  {
    now,
    expireAfterDays,
    names,
  }: { now: number; expireAfterDays: number | undefined; names: PublicationNames },
): Omit<Statement, 'token'>[] {
  const expired =
    expireAfterDays === undefined ? [] : [deleteExpired(table, utcDay(now - expireAfterDays * DAY), names)];
  return [...expired, optimize(table, names), vacuum(table, names)].map((sql) => ({
    purpose: { kind: 'maintenance', table: table.name },
    sql,
    sliceFile: null,
  }));
}

function tokenOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
