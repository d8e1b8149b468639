import type { StoredRow } from '../../lake/stored-rows.ts';
import type { AnyRow } from '../../lake/table.ts';
import type { Target } from '../cursor.ts';
import type { Gap, Step } from '../dataset.ts';
import type { RunTime } from '../run-clock.ts';

/** A half-open span of time, ms since the epoch. */
export interface Period {
  from: number;
  to: number;
}

/** How a backfill reads a past period of a target again, with the steps of a run but from a state of its own. */
export interface Rereading<State> {
  /** How long Atlas keeps anything of it, ms; null if that has no known end. */
  retention: number | null;
  /** False if Atlas may have dropped entries of any age, and does not say so. */
  isRetentionKnown: boolean;
  /** How long after its time a value counts as settled, ms. */
  settle: number;
  /** Returns up to where runs have read a target and write nothing more that `withRows` does not prevent. */
  readTo(state: State): number;
  /** Returns why the configuration does not fit what was collected; null if it does. */
  mismatch?(state: State): string | null;
  /** Returns the state from which a period of a target is read. */
  begin(target: Target<State>, period: Period): State;
  /**
   * Returns a state without anything after the period, or after what runs have read, that Atlas's retention adds to it.
   */
  bounded?(state: State, period: Period, limits: { readTo: number; now: number }): State;
  /** Returns the time that a row stands for; omitted if rows have no duration, so that all that was read has its rows. */
  timeOf?(row: AnyRow): Period;
  /** Returns whether rows can fill a gap with this reason; they always can if omitted. */
  fills?(reason: string): boolean;
  /** Returns the next step for a target whose state `begin` returned; null when the period is read. */
  nextStep(target: Target<State>, time: RunTime): Step<State> | null;
  /**
   * Returns what a finished reading did not read, without what its steps have returned as gaps.
   * `isWaiting`: the end of the period is not final yet.
   */
  unread?(state: State): { losses: readonly Gap[]; isWaiting: boolean };
  /** Returns the state of a target after a backfill has written rows of it, so that no run writes them again. */
  withRows?(state: State, rows: readonly AnyRow[]): State;
  /**
   * What it means if a row cannot be written. `covered`: the lake has values of the same time in another form.
   * `incomparable`: nobody can say whether it has the row.
   */
  clash: 'covered' | 'incomparable';
  /** Returns what is remembered of a row in the lake beside its natural key. */
  marksOf(row: StoredRow): readonly string[];
  /**
   * Returns whether a row that the lake lacks can be written: nothing there stands for the same value under another
   * natural key.
   *
   * @param rows all rows that the same step returned
   */
  comparison(rows: readonly StoredRow[], lake: LakeRows): (row: StoredRow) => boolean;
}

/** The rows of the lake that a backfill compares with. */
export interface LakeRows {
  has(row: StoredRow): boolean;
  /** Returns how many rows have a mark. */
  countOf(mark: string): number;
}
