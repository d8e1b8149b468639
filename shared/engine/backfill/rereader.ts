import type { PartitionKey } from '../../cursors/header.ts';
import type { KnownRows } from '../../lake/known-rows.ts';
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
import { filledRow, type GapPart, openParts, type RecordedGap, without } from './recorded-gaps.ts';
import type { Period, Rereading } from './rereading.ts';

const GONE = 'Atlas no longer knows the target';

/** A part of the period that could not be read of a target. */
export interface Loss extends Gap {
  target: string;
}

/** What a backfill found in a period. */
export interface Findings {
  /** Rows of Atlas that the lake already has. */
  present: number;
  /** Rows that the lake lacked. */
  absent: number;
  /** Rows that were not written, because the lake has values of their time in another form. */
  covered: number;
  /** Rows that were not written, because nobody can say whether the lake has them. */
  incomparable: number;
  filledGaps: number;
  /** The time of the oldest row that Atlas returned, ms; null if it returned none. */
  oldest: number | null;
  losses: readonly Loss[];
  /** Why Atlas gives nothing of some targets. */
  refusals: ReadonlySet<string>;
  /** The targets that are read only in part, because runs have not read them further yet. */
  unread: number;
}

export function noFindings(): Findings {
  return {
    present: 0,
    absent: 0,
    covered: 0,
    incomparable: 0,
    filledGaps: 0,
    unread: 0,
    oldest: null,
    losses: [],
    refusals: new Set(),
  };
}

/** Returns the findings of two periods. */
export function sum(a: Findings, b: Findings): Findings {
  return {
    present: a.present + b.present,
    absent: a.absent + b.absent,
    covered: a.covered + b.covered,
    incomparable: a.incomparable + b.incomparable,
    filledGaps: a.filledGaps + b.filledGaps,
    unread: a.unread + b.unread,
    oldest: a.oldest === null || b.oldest === null ? (a.oldest ?? b.oldest) : Math.min(a.oldest, b.oldest),
    losses: [...a.losses, ...b.losses],
    refusals: new Set([...a.refusals, ...b.refusals]),
  };
}

export interface RereaderOptions<State extends TargetState> {
  rereading: Rereading<State>;
  /** Maximum targets that are read at the same time. */
  width: number;
  table: Table;
  scope: PartitionKey;
  period: Period;
  lake: KnownRows;
  /** Returns a row as an object would hold it. */
  stored(row: AnyRow): StoredRow;
  /** Whether nothing is written. */
  isDryRun: boolean;
}

/** The reading of one target. */
interface Reading<State> {
  state: State;
  /** The parts of gaps that are filled if they have rows. */
  parts: Array<GapPart & { hasRows: boolean }>;
}

/**
 * Reads a period of all targets again, and returns only the rows that the lake lacks. A few targets are read at a time.
 * It lives for several runs: each continues where the one before had to stop.
 */
export class Rereader<State extends TargetState> {
  #findings = noFindings();
  /** The recorded gaps. Each run reads them again. */
  gaps: readonly RecordedGap[] = [];
  readonly #options: RereaderOptions<State>;
  readonly #readings = new Map<string, Reading<State>>();
  readonly #finished = new Set<string>();

  constructor(options: RereaderOptions<State>) {
    this.#options = options;
  }

  get findings(): Findings {
    return this.#findings;
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
    if (this.#finished.has(label)) return null;
    const reading = this.#readings.get(label) ?? this.#begun(target);
    const step = reading && this.#stepOf(target, reading, time);
    if (!reading || !step) return null;
    return async (atlas, clock) => {
      try {
        return this.#result(target, reading, await step(atlas, clock), time, clock());
      } catch (error) {
        this.#fail(target, error);
        throw error;
      }
    };
  }

  /** Ends the reading of a target that failed. If the whole run must stop, a later run continues it. */
  #fail(target: Target<State>, error: unknown): void {
    const classified = classifyError(error);
    if (classified.kind === 'stop') return;
    const label = targetLabel(target);
    this.#finish(label);
    const { missingSince } = target;
    const { from, to } = this.#periodOf(target);
    const isLost = classified.notFound && missingSince !== null && from < missingSince;
    this.#findings = sum(this.#findings, {
      ...noFindings(),
      refusals: new Set(classified.note === null ? [] : [classified.note]),
      losses: isLost ? [{ target: label, from, to: Math.min(to, missingSince), reason: GONE }] : [],
    });
  }

  /** Returns a new reading; null if enough targets are being read, or there is nothing to read. */
  #begun(target: Target<State>): Reading<State> | null {
    const { rereading, width, period } = this.#options;
    const label = targetLabel(target);
    if (this.#readings.size >= width) return null;
    const own = this.#periodOf(target);
    if (own.to < period.to) this.#findings.unread += 1;
    if (own.from >= own.to) {
      this.#finish(label);
      return null;
    }
    const parts = openParts(this.gaps, label, own).map((part) => ({ ...part, hasRows: false }));
    const reading = { state: rereading.begin(target, own), parts };
    this.#readings.set(label, reading);
    return reading;
  }

  #stepOf(target: Target<State>, reading: Reading<State>, time: RunTime): Step<State> | null {
    const { rereading } = this.#options;
    const period = this.#periodOf(target);
    const limits = { readTo: rereading.readTo(target.state), now: time.now };
    const state = rereading.bounded?.(reading.state, period, limits) ?? reading.state;
    const step = rereading.nextStep({ ...target, state }, { ...time, tick: period.to + rereading.settle });
    if (!step) this.#finish(targetLabel(target));
    return step;
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
    const own = this.#periodOf(target);
    const losses = result.gaps
      .map((gap) => ({
        ...gap,
        target: label,
        from: Math.max(gap.from, own.from),
        to: Math.min(gap.to, own.to),
      }))
      .filter(({ from, to }) => from < to);
    for (const gap of losses) reading.parts = without(reading.parts, gap);
    const refusals = new Set(result.state.idle ? result.warnings : []);
    if (refusals.size > 0) reading.parts = [];
    this.#findings = sum(this.#findings, { ...noFindings(), oldest: oldestOf(rows), losses, refusals });
    reading.state = result.state;
    const isFinished = this.#stepOf(target, reading, time) === null;
    const filled = isFinished ? reading.parts.filter(({ hasRows }) => hasRows) : [];
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

  /** Returns the rows that the lake lacks, and remembers which parts of gaps have rows. */
  #absent(rows: readonly AnyRow[], reading: Reading<State>): AnyRow[] {
    const { rereading, lake, stored } = this.#options;
    const all = rows.map((row) => ({ row, as: stored(row) }));
    const isComparable = rereading.comparison(
      all.map(({ as }) => as),
      lake,
    );
    const absent: AnyRow[] = [];
    for (const { row, as } of all) {
      if (lake.has(as)) this.#findings.present += 1;
      else if (isComparable(as)) {
        absent.push(row);
        this.#findings.absent += 1;
      } else {
        this.#findings[rereading.clash] += 1;
        reading.parts = reading.parts.filter(({ from, to }) => row.ts < from || row.ts >= to);
        continue;
      }
      for (const part of reading.parts) part.hasRows ||= row.ts >= part.from && row.ts < part.to;
    }
    return absent;
  }
}

function oldestOf(rows: readonly AnyRow[]): number | null {
  return rows.reduce<number | null>((oldest, { ts }) => Math.min(oldest ?? ts, ts), null);
}
