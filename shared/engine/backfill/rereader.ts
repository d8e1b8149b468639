import type { PartitionKey } from '../../cursors/header.ts';
import type { StoredRow } from '../../lake/stored-rows.ts';
import type { AnyRow, Table } from '../../lake/table.ts';
import type { Target } from '../cursor.ts';
import {
  type Collector,
  type Gap,
  type Step,
  type StepResult,
  type TargetState,
  targetLabel,
} from '../dataset.ts';
import { classifyError } from '../errors.ts';
import type { RunTime } from '../run-clock.ts';
import { filledGaps } from '../tables.ts';
import { type Findings, noFindings, sum } from './findings.ts';
import {
  filledRow,
  type GapPart,
  joined,
  openParts,
  overlaps,
  type RecordedGap,
  without,
} from './recorded-gaps.ts';
import type { LakeRows, Period, Rereading } from './rereading.ts';
import { unlessStopped } from './stopping.ts';

const GONE = 'Atlas no longer knows the target';
const FAILED = 'Atlas returns an error for the target, which has left';

export interface RereaderOptions<State extends TargetState> {
  rereading: Rereading<State>;
  /** Maximum targets that are read at the same time. */
  width: number;
  table: Table;
  scope: PartitionKey;
  period: Period;
  lake: LakeRows;
  /** Returns a row as an object would hold it. */
  stored(row: AnyRow): StoredRow;
  /** Whether nothing is written. */
  isDryRun: boolean;
  /** Ends all steps, without a result. */
  signal: AbortSignal;
}

/** The reading of one target. */
interface Reading<State> {
  state: State;
  /** The parts of gaps that are filled where they have rows. */
  parts: GapPart[];
  /** The times of the rows that Atlas returned in these parts, by their text. */
  times: Map<string, Period>;
  /** The time of the oldest row that Atlas returned, ms; null if it returned none. */
  oldest: number | null;
}

/**
 * Reads a period of all targets again, and returns only the rows that the lake lacks. A few targets are read at a time.
 * It lives for several runs: each continues where the one before had to stop.
 */
export class Rereader<State extends TargetState> {
  #findings = noFindings();
  /** The recorded gaps. Each run reads them again. */
  gaps: readonly RecordedGap[] = [];
  /** Whether targets are left out, because their clusters are not selected. */
  isSelective = false;
  readonly #options: RereaderOptions<State>;
  readonly #readings = new Map<string, Reading<State>>();
  readonly #finished = new Set<string>();

  constructor(options: RereaderOptions<State>) {
    this.#options = options;
  }

  get findings(): Findings {
    const { unproven } = this.#findings;
    return { ...this.#findings, unproven: unproven + (this.isSelective ? 1 : 0) };
  }

  /** Number of targets with nothing left to read. */
  get finished(): number {
    return this.#finished.size;
  }

  /** Returns what the target loop asks for the next step of a target. */
  get collector(): Pick<Collector<State>, 'nextStep' | 'concurrency'> {
    return { nextStep: (target, time) => this.#nextStep(target, time), concurrency: this.#options.width };
  }

  #nextStep(target: Target<State>, time: RunTime): Step<State> | null {
    const label = targetLabel(target);
    const { signal } = this.#options;
    if (signal.aborted || this.#finished.has(label)) return null;
    const reading = this.#readings.get(label) ?? this.#begun(target);
    const step = reading && this.#stepOf(target, reading, time);
    if (!reading || !step) return null;
    return async (atlas, clock) => {
      try {
        const result = await unlessStopped(signal, step(atlas, clock));
        if (result === null) return { state: target.state, tables: [], gaps: [] };
        return this.#result(target, reading, result, time, clock());
      } catch (error) {
        this.#fail(target, error);
        throw error;
      }
    };
  }

  /** Ends the reading of a target that failed. If it only has to wait, a later run continues it. */
  #fail(target: Target<State>, error: unknown): void {
    const classified = classifyError(error);
    if (classified.kind !== 'failure') return;
    const label = targetLabel(target);
    this.#finish(label);
    const { missingSince } = target;
    const { from, to } = this.#periodOf(target);
    const isLost = missingSince !== null && from < missingSince;
    const reason = classified.notFound ? GONE : FAILED;
    this.#findings = sum(this.#findings, {
      ...noFindings(),
      refusals: new Set(classified.note === null ? [] : [classified.note]),
      losses: isLost ? [{ target: label, from, to: Math.min(to, missingSince), reason }] : [],
    });
  }

  /** Returns a new reading; null if enough targets are being read, or there is nothing to read. */
  #begun(target: Target<State>): Reading<State> | null {
    const { rereading, width, period } = this.#options;
    const label = targetLabel(target);
    if (this.#readings.size >= width) return null;
    const own = this.#periodOf(target);
    // What a target that has left had until then is a gap, or the next run reads it.
    if (own.to < period.to && target.missingSince === null) this.#findings.unread += 1;
    if (own.from >= own.to) {
      this.#finish(label);
      return null;
    }
    const gaps = this.gaps.filter(({ reason }) => rereading.fills?.(reason) ?? true);
    const parts = openParts(gaps, label, own);
    const reading = { state: rereading.begin(target, own), parts, times: new Map(), oldest: null };
    this.#readings.set(label, reading);
    return reading;
  }

  #stepOf(target: Target<State>, reading: Reading<State>, time: RunTime): Step<State> | null {
    const { rereading } = this.#options;
    const period = this.#periodOf(target);
    const limits = { readTo: rereading.readTo(target.state), now: time.now };
    const state = rereading.bounded?.(reading.state, period, limits) ?? reading.state;
    const step = rereading.nextStep({ ...target, state }, { ...time, tick: period.to + rereading.settle });
    if (!step) this.#end(target, reading, period);
    return step;
  }

  /** Ends a reading that has nothing left to read, and records what it did not read all the same. */
  #end(target: Target<State>, reading: Reading<State>, period: Period): void {
    const { rereading } = this.#options;
    const label = targetLabel(target);
    this.#finish(label);
    const { losses, isWaiting } = rereading.unread?.(reading.state) ?? { losses: [], isWaiting: false };
    const isShown = reading.oldest !== null && reading.oldest <= this.#options.period.from;
    this.#lose(label, reading, losses, period);
    this.#findings = sum(this.#findings, {
      ...noFindings(),
      unread: isWaiting ? 1 : 0,
      unproven: rereading.isRetentionKnown || isShown ? 0 : 1,
    });
  }

  /** Records losses, as far as they lie in the period. */
  #lose(label: string, reading: Reading<State>, gaps: readonly Gap[], period: Period): void {
    const losses = gaps.flatMap((gap) => overlaps([gap], period).map((part) => ({ ...part, target: label })));
    for (const loss of losses) reading.parts = without(reading.parts, loss);
    this.#findings = sum(this.#findings, { ...noFindings(), losses });
  }

  /** Returns the part of the period that runs have read. What they have not read yet is left to them. */
  #periodOf({ state }: Target<State>): Period {
    const { rereading, period } = this.#options;
    return { from: period.from, to: Math.min(period.to, rereading.readTo(state)) };
  }

  #finish(label: string): void {
    this.#readings.delete(label);
    this.#finished.add(label);
  }

  #result(
    target: Target<State>,
    reading: Reading<State>,
    result: StepResult<State>,
    time: RunTime,
    now: number,
  ): StepResult<State> {
    const { rereading, table, scope, isDryRun } = this.#options;
    const label = targetLabel(target);
    const rows = result.tables.flatMap((its) => (its.table === table ? its.rows : []));
    const absent = this.#absent(rows, reading);
    this.#lose(label, reading, result.gaps, this.#periodOf(target));
    const refusals = new Set(result.state.idle ? result.warnings : []);
    if (refusals.size > 0) reading.parts = [];
    const oldest = oldestOf(rows, null);
    reading.oldest = oldestOf(rows, reading.oldest);
    this.#findings = sum(this.#findings, { ...noFindings(), oldest, refusals });
    reading.state = result.state;
    const isFinished = this.#stepOf(target, reading, time) === null;
    const filled = isFinished ? this.#filled(reading) : [];
    this.#findings.filledGaps += filled.length;
    if (isDryRun) return { state: target.state, tables: [], gaps: [] };
    return {
      state: rereading.withRows?.(target.state, absent) ?? target.state,
      tables: [
        { table, rows: absent },
        { table: filledGaps, rows: filled.map((part) => filledRow(scope, label, part, now)) },
      ],
      gaps: [],
    };
  }

  /** Returns the rows of the period that the lake lacks, and remembers which parts of gaps have rows. */
  #absent(rows: readonly AnyRow[], reading: Reading<State>): AnyRow[] {
    const { rereading, lake, stored, period } = this.#options;
    const all = rows.map((row) => ({ row, as: stored(row) }));
    const isComparable = rereading.comparison(
      all.map(({ as }) => as),
      lake,
    );
    const absent: AnyRow[] = [];
    for (const { row, as } of all) {
      // Entries are read from some time before the period. The timestamp of an interval may lie before the interval.
      if (rereading.timeOf === undefined && row.ts < period.from) continue;
      if (lake.has(as)) this.#findings.present += 1;
      else if (isComparable(as)) {
        absent.push(row);
        this.#findings.absent += 1;
      } else {
        this.#findings[rereading.clash] += 1;
        reading.parts = reading.parts.filter(({ from, to }) => row.ts < from || row.ts >= to);
        continue;
      }
      if (reading.parts.length === 0) continue;
      const { from, to } = rereading.timeOf?.(row) ?? { from: row.ts, to: row.ts + 1 };
      reading.times.set(`${from} ${to}`, { from, to });
    }
    return absent;
  }

  /**
   * Returns the parts of gaps that a finished reading has filled: the times of its rows if they stand for a time, and
   * otherwise the parts in which rows lie, as far back as Atlas shows any.
   */
  #filled({ parts, times, oldest }: Reading<State>): GapPart[] {
    const { rereading } = this.#options;
    const all = [...times.values()].sort((a, b) => a.from - b.from);
    if (rereading.timeOf) return joined(all).flatMap((time) => overlaps(parts, time));
    const since = rereading.isRetentionKnown
      ? Number.NEGATIVE_INFINITY
      : (oldest ?? Number.POSITIVE_INFINITY);
    return overlaps(
      parts.filter((part) => all.some((time) => overlaps([part], time).length > 0)),
      { from: since, to: Number.POSITIVE_INFINITY },
    );
  }
}

function oldestOf(rows: readonly AnyRow[], before: number | null): number | null {
  return rows.reduce((oldest, { ts }) => Math.min(oldest ?? ts, ts), before);
}
