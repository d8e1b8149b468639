import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { RunRecord } from '../world.ts';
import type { Advance } from './advances.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';
import { checkRemovedTarget, checkWatermarks, type Watermarks } from './watermarks.ts';

/** By the design, a run does not have to read older windows. */
const BACKLOG = 7 * DAY;

/** How long Atlas surely computes lists for past windows, by the design, and how long runs read a removed cluster. */
const RETENTION = 48 * HOUR;

/** How far the time that a run learns may be from the one that the history knows. */
const TOLERANCE = 2 * MINUTE;

/** Between these times, what Atlas computes stays the same. */
const CHANGES_EVERY = 10 * MINUTE;

/** What is expected of one snapshot: its rows, and the row that counts them if there is one. */
export interface ExpectedRows {
  rows: readonly string[];
  snapshot: string | null;
}

interface Observations extends Watermarks {
  interval: number;
  /** Whether Atlas computes the list for past windows. Otherwise it is about the time of the request. */
  isOfWindow: boolean;
  /** Spans in which Atlas refuses the list. */
  refusals: readonly (readonly [from: number, to: number])[] | 'always';
  rows: readonly CommittedRow[];
  /** The rows that count those of a snapshot; null if the dataset has none. */
  snapshots: readonly CommittedRow[] | null;
  /** Returns what Atlas gives for the window from an instant, if it is asked at another. */
  expected(from: number, at: number): ExpectedRows;
}

/** Returns where the watermark of a list begins, given the first run that sees it. */
export function beginningOf(run: RunRecord, interval: number, isOfWindow: boolean): number {
  const { settle, backfill } = settingsOf(run);
  if (!isOfWindow) return floorTo(clockOf(run), interval) - interval;
  return floorTo(floorTo(timeOf(run) - settle, interval) - backfill, interval);
}

/** Checks every promise about the snapshots of one list of a cluster. */
export class SnapshotCheck {
  readonly #observed: Observations;
  readonly #rows: ReadonlyMap<number, readonly CommittedRow[]>;
  readonly #snapshots: ReadonlyMap<number, readonly CommittedRow[]>;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    this.#rows = Map.groupBy(observations.rows, ({ ts }) => ts);
    this.#snapshots = Map.groupBy(observations.snapshots ?? [], ({ ts }) => ts);
  }

  violations(): string[] {
    const { gaps, advances, isOfWindow, interval } = this.#observed;
    for (const from of new Set([...this.#rows.keys(), ...this.#snapshots.keys()])) this.#checkSnapshot(from);
    for (const gap of gaps) this.#checkGap(gap);
    for (const advance of advances) this.#checkAdvance(advance);
    const watermarks = isOfWindow
      ? checkWatermarks(this.#withoutRefused(), { interval, retention: this.#retention() })
      : this.#checkPresent();
    return [...this.#violations, ...watermarks];
  }

  /** Checks that one commit brought a whole snapshot, as Atlas gave it during the run. */
  #checkSnapshot(from: number): void {
    const rows = this.#rows.get(from) ?? [];
    const snapshots = this.#snapshots.get(from) ?? [];
    const advance = this.#advanceOf([...rows, ...snapshots]);
    const texts = [...rows, ...snapshots].map(({ values }) => identity(values)).sort();
    const isGiven =
      advance && covers(advance, from, this.#observed) && this.#given(from, advance).some(equals(texts));
    if (!isGiven)
      this.#violations.push(`a snapshot of ${formatInstant(from)} that Atlas did not give: ${texts.join()}`);
    if (rows.length === 0 && !this.#wasEmpty(from))
      this.#violations.push(`a snapshot of ${formatInstant(from)} without what Atlas had dropped`);
  }

  /** Returns whether a window was empty soon after its end, when Atlas had dropped nothing of it. */
  #wasEmpty(from: number): boolean {
    const { expected, interval, isOfWindow } = this.#observed;
    return !isOfWindow || isWithoutRows(expected(from, from + interval + CHANGES_EVERY).rows);
  }

  /** Returns what Atlas could have answered during a run, as sorted texts. */
  #given(from: number, { run, at }: Advance): string[][] {
    const times = [run.startedAt, at];
    for (let time = ceilTo(run.startedAt, CHANGES_EVERY); time < at; time += CHANGES_EVERY) times.push(time);
    return times.map((time) => {
      const { rows, snapshot } = this.#observed.expected(from, time);
      return [...rows, ...(snapshot === null ? [] : [snapshot])].sort();
    });
  }

  /** Checks that a gap covers only what no run could read, and nothing that is in the lake. */
  #checkGap(gap: CommittedRow): void {
    const { advances, isListed, isOfWindow, interval } = this.#observed;
    const fail = (what: string) => this.#violations.push(`${what}: ${JSON.stringify(gap.values)}`);
    const advance = advances.find(({ sequence }) => sequence === gap.sequence);
    if (!advance) return void fail('a gap that moved no watermark');
    for (let from = gap.ts; from < endOf(gap); from += interval) {
      if (this.#rows.has(from) || this.#snapshots.has(from)) fail('a gap over a snapshot');
      if (!covers(advance, from, this.#observed)) fail('a gap outside what its commit passed');
    }
    if (!isListed(advance.run.startedAt)) return;
    if (!isOfWindow) {
      // The present day can still be read.
      if (endOf(gap) > floorTo(clockOf(advance.run) + TOLERANCE, interval)) fail('a gap over the present');
      return;
    }
    const isTooOld = endOf(gap) <= timeOf(advance.run) - BACKLOG;
    if (!isTooOld && !this.#mayBeDropped(gap.ts, advance)) fail('a gap over a window that Atlas had');
  }

  /** Returns whether an old window could be empty when a run read it, because Atlas may have dropped it. */
  #mayBeDropped(from: number, advance: Advance): boolean {
    const isEmpty = this.#given(from, advance).some(isWithoutRows);
    return isEmpty && from < advance.at + advance.run.skew - RETENTION + TOLERANCE;
  }

  /** Checks that everything that a watermark passed is there, in a gap, or was refused. */
  #checkAdvance(advance: Advance): void {
    const { start, to, run } = advance;
    const { interval, isOfWindow, gaps, snapshots } = this.#observed;
    const first = isOfWindow ? ceilTo(start, interval) : floorTo(start, interval) + interval;
    const end = isOfWindow ? to : to + interval;
    for (let from = first; from < end; from += interval) {
      const isGap = gaps.some((gap) => from >= gap.ts && from < endOf(gap));
      if (this.#snapshots.has(from) || this.#rows.has(from) || isGap) continue;
      if (this.#wasRefused(from, advance)) continue;
      if (this.#isBeforeFirstRun(from) && this.#mayBeDropped(from, advance)) continue;
      if (snapshots === null && this.#wasEmpty(from)) continue;
      this.#violations.push(
        `missing: the snapshot of ${formatInstant(from)}, passed by the run of ${formatInstant(run.tick)}`,
      );
    }
  }

  /** Returns whether a window is of a day before the first run. What Atlas dropped of it before is no gap. */
  #isBeforeFirstRun(from: number): boolean {
    const [first] = this.#observed.advances;
    return first !== undefined && from < floorTo(clockOf(first.run) + TOLERANCE, DAY);
  }

  /** Returns whether Atlas said that it has nothing of this kind: for the day of the run, or after a window. */
  #wasRefused(from: number, { run, at, to, previous }: Advance): boolean {
    const { refusals, isOfWindow, runs } = this.#observed;
    if (refusals === 'always') return true;
    const isRefused = ({ startedAt, finishedAt = startedAt }: Pick<RunRecord, 'startedAt' | 'finishedAt'>) =>
      refusals.some(([since, until]) => finishedAt >= since && startedAt < until);
    if (isOfWindow) {
      // A window of the day of the refusal can still be read.
      return runs.some(
        (one) => one.startedAt <= at && isRefused(one) && floorTo(from, DAY) < floorTo(one.startedAt, DAY),
      );
    }
    const wasRefusedBefore = previous !== undefined && !this.#snapshots.has(previous.to);
    return isRefused({ startedAt: run.startedAt, finishedAt: at }) && (from === to || wasRefusedBefore);
  }

  /** Returns the watermarks without complete runs during a refusal, which move none. */
  #withoutRefused(): Watermarks {
    const { refusals, runs } = this.#observed;
    if (refusals === 'always') return { ...this.#observed, runs: [] };
    // After a refusal, a list is asked again on the next day.
    const isRefused = ({ startedAt, finishedAt = startedAt }: RunRecord) =>
      refusals.some(([since, until]) => finishedAt >= since && startedAt < ceilTo(until, DAY) + TOLERANCE);
    return { ...this.#observed, runs: runs.filter((run) => !isRefused(run)) };
  }

  /** How long a removed cluster counts as readable. Nothing of one that refused is lost. */
  #retention(): number {
    return this.#observed.refusals.length > 0 ? Number.POSITIVE_INFINITY : RETENTION;
  }

  /** Checks the watermarks of a list of the present: the start of the last day with a snapshot. */
  #checkPresent(): string[] {
    const { advances, interval, isListed } = this.#observed;
    const violations: string[] = [];
    for (const { from, to, start, run, previous } of advances) {
      if (from !== previous?.to)
        violations.push(`a watermark at ${previous?.to} whose next move starts at ${from}`);
      if (to < start || to > floorTo(clockOf(run) + TOLERANCE, interval))
        violations.push(`a watermark that moved from ${formatInstant(start)} to ${formatInstant(to)}`);
    }
    for (const run of this.#withoutRefused().runs) {
      const { finishedAt, result, startedAt } = run;
      if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
      if (![startedAt, finishedAt].every(isListed)) continue;
      const advance = advances.findLast(({ at }) => at <= finishedAt);
      if (advance && advance.to >= floorTo(clockOf(run) - TOLERANCE, interval)) continue;
      violations.push(
        `the run of ${formatInstant(run.tick)} is complete, but the last snapshot is of ${advance && formatInstant(advance.to)}`,
      );
    }
    // The day of the last snapshot is read, and the day on which the cluster left is not due.
    const read = advances.map((advance) => ({ ...advance, to: advance.to + interval }));
    const removed = { ...this.#observed, advances: read };
    return [...violations, ...checkRemovedTarget(removed, { interval, retention: this.#retention() })];
  }

  #advanceOf(rows: readonly CommittedRow[]): Advance | undefined {
    const [sequence, ...others] = new Set(rows.map((row) => row.sequence));
    if (others.length > 0) return undefined;
    return this.#observed.advances.find((advance) => advance.sequence === sequence);
  }
}

/** Returns whether a commit passed a window, or took the snapshot of a day. */
function covers(
  { start, to }: Advance,
  from: number,
  { isOfWindow, interval }: Pick<Observations, 'isOfWindow' | 'interval'>,
): boolean {
  return isOfWindow ? from >= start && from + interval <= to : from > start && from <= to;
}

function equals(texts: readonly string[]): (given: readonly string[]) => boolean {
  return (given) => given.join('\n') === texts.join('\n');
}

/** A snapshot without rows has at most the row that counts none. */
function isWithoutRows(given: readonly string[]): boolean {
  return given.every((text) => text.includes('"suggestions":0'));
}
