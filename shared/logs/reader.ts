import type { AtlasSession, HostLog } from '../atlas/api.ts';
import { AtlasResponseError } from '../atlas/errors.ts';
import { isRejected, isRoleRefusal, isUnavailable, refusalCode } from '../atlas/refusal.ts';
import { ceilTo, DAY, SECOND } from '../durations.ts';
import type { Target } from '../engine/cursor.ts';
import type { Gap, StepResult } from '../engine/dataset.ts';
import { dropped, goneBefore, lostMeanwhile } from '../histories/documented-retention.ts';
import { emptyLookback, MAX_HASHES } from '../histories/lookback.ts';
import { measuresOf } from '../histories/measures.ts';
import { type Identity, mergeEntries } from '../histories/merge.ts';
import { skippedWithoutHistory, skippedWithoutRole } from '../histories/skipping.ts';
import {
  continued,
  grownSpan,
  halved,
  type InPass,
  inPass,
  isBehind,
  joined,
  type Window,
  windowEnd,
} from '../histories/windows.ts';
import type { ProjectId } from '../ids.ts';
import type { LogEntry, LogKind } from './log-kind.ts';
import { type LogSettings, RETENTION } from './settings.ts';
import type { LogState } from './state.ts';
import { admit, isExhausted, volumeAt } from './volume.ts';
import { type Capacity, WindowLines } from './window-lines.ts';

/**
 * The most that a window may hold. All of it is in memory until its rows are compressed. The state can hold as many
 * hashes as a window has lines.
 */
const WINDOW: Capacity = { lines: MAX_HASHES, bytes: 8 * 1024 * 1024 };

/** The most that a window of one second may hold, because it cannot be shorter. */
const SINGLE_SECOND: Capacity = { lines: 100_000, bytes: 32 * 1024 * 1024 };

/** What one request can return. */
const LIMITS = { maxEntries: WINDOW.lines, maxSpan: DAY };

/** Tiers without logs (the reference of the endpoint). */
const TENANT_SIZES = new Set(['M0', 'M2', 'M5', 'FLEX']);

/** Either role is sufficient (the reference of the endpoint). */
const ROLES = 'Project Cluster Log Viewer or Project Data Access Read Only';

const NO_LOG =
  'a host has no such log, by the tier of its cluster or the type of the log; it is asked again tomorrow';

/** A window always has whole seconds and readable lines, so nothing in it is unreadable. */
const IDENTITY: Identity<LogEntry> = {
  timeOf: ({ time }) => time,
  idOf: ({ recordId }) => recordId,
  unreadableIdsOf: () => [],
  gapsOf: () => [],
  unreadableReason: '',
};

/** What one step works with. */
interface Step {
  target: Target<LogState>;
  state: LogState;
  log: HostLog;
  /** The start of the run, ms. */
  startedAt: number;
  settled: number;
  atlas: AtlasSession;
  clock: () => number;
}

type StepInPass = Step & { state: InPass<LogState> };

/** Reads the logs of hosts, one window per step. */
export class LogsReader {
  readonly #kind: LogKind;
  readonly #settings: LogSettings;
  readonly #project: ProjectId;

  constructor(kind: LogKind, settings: LogSettings, project: ProjectId) {
    this.#kind = kind;
    this.#settings = settings;
    this.#project = project;
  }

  async step(step: Step): Promise<StepResult<LogState>> {
    const { target, settled, clock } = step;
    if (TENANT_SIZES.has(target.cursor.attributes['instance_size'] ?? ''))
      return skippedWithoutHistory(step, NO_LOG);
    const { state: held, gaps } = dropped(step.state, goneBefore(clock(), RETENTION));
    // Atlas has dropped everything that was settled.
    if (!isBehind(held, settled)) return { state: held, tables: [], gaps };
    const skipped = this.#skipped(held, settled);
    if (skipped) return { ...skipped, gaps: joined([...gaps, ...skipped.gaps]) };
    const state = inPass(held, settled, this.#settings.overlap);
    const { from } = state.pass;
    // A window has lines of one day only, because each day has its own volume.
    const to = Math.min(windowEnd(state, WINDOW.lines), nextDay(from));
    try {
      const outcome = await this.#read({ ...step, state }, { from, to });
      return { ...outcome, gaps: joined([...gaps, ...outcome.gaps]) };
    } catch (error) {
      if (isUnavailable(error) || isRejected(error)) return skippedWithoutHistory(step, NO_LOG);
      if (isRoleRefusal(error)) return skippedWithoutRole(step, notPermitted(refusalCode(error)));
      throw error;
    }
  }

  /** Returns the gap over the rest of a day whose volume is exhausted; null if it is not. No request is needed. */
  #skipped(state: LogState, settled: number): StepResult<LogState> | null {
    const { maxBytesPerDay } = this.#settings;
    const { watermark } = state;
    if (!isExhausted(volumeAt(state.volume, watermark), maxBytesPerDay)) return null;
    const to = Math.min(settled, nextDay(watermark));
    const gap = { from: watermark, to, reason: exhausted(maxBytesPerDay) };
    return { state: past(state, to), tables: [], gaps: [gap] };
  }

  async #read(step: StepInPass, window: Window): Promise<StepResult<LogState>> {
    const { state } = step;
    const isShortest = window.to - window.from <= SECOND;
    const lines = await this.#request(step, window, isShortest ? SINGLE_SECOND : WINDOW);
    if (!lines.isFull) {
      // The number of lines read again does not predict how many follow.
      const isNew = window.to > state.watermark;
      const filled = Math.ceil(lines.share * LIMITS.maxEntries);
      const span = isNew ? grownSpan(state.span, window, filled, LIMITS) : state.span;
      return this.#written(step, window, lines, span);
    }
    if (isShortest) return this.#written(step, window, lines, SECOND);
    return { state: halved(state, window), tables: [], gaps: [] };
  }

  /**
   * Requests one more second on both sides, because Atlas does not document whether the ends of a request are included.
   * Lines outside the window are not kept.
   */
  async #request({ atlas, log }: Step, window: Window, capacity: Capacity): Promise<WindowLines> {
    let lines = new WindowLines(log, window, capacity, this.#kind.timeOf);
    try {
      const span = { start: window.from - SECOND, end: window.to + SECOND };
      await atlas.readLog(this.#project, log, span, () => {
        lines = new WindowLines(log, window, capacity, this.#kind.timeOf);
        return lines;
      });
    } catch (error) {
      const isTooLarge = error instanceof AtlasResponseError && error.problem === 'too-large';
      // A response for three seconds that is too large is not a log.
      if (!isTooLarge || window.to - window.from <= SECOND) throw error;
      lines.isFull = true;
    }
    // Such a line may never be in a window, so the run must report it.
    if (!lines.isFull) {
      atlas.remarks.leftOut('readLog', 'time', lines.untimed);
      atlas.remarks.leftOut('readLog', 'time near the requested span', lines.strays);
    }
    return lines;
  }

  #written(
    { target, state, log, clock }: StepInPass,
    window: Window,
    { entries, isFull }: WindowLines,
    span: number,
  ): StepResult<LogState> {
    const { overlap, settle, maxBytesPerDay } = this.#settings;
    const merged = mergeEntries(state, { entries, unreadable: [] }, window, IDENTITY, {
      whole: !isFull,
      lookbackMs: overlap,
    });
    const { lostFrom, ...admitted } = admit(merged.entries, {
      volume: volumeAt(state.volume, window.from),
      watermark: state.watermark,
      limit: maxBytesPerDay,
    });
    const answer = { now: clock(), retention: RETENTION };
    const lost = state.begun ? lostMeanwhile(window, state.watermark, merged.oldest, answer) : null;
    const gaps: Gap[] = lost ? [lost] : [];
    if (lostFrom !== null) gaps.push({ from: lostFrom, to: window.to, reason: exhausted(maxBytesPerDay) });
    else if (isFull) gaps.push({ ...window, reason: tooMany(SINGLE_SECOND) });
    const context = {
      project: this.#project,
      clusterName: target.cursor.attributes['cluster_name'] ?? null,
      ...log,
      collectedAt: answer.now,
    };
    const { lateBy, shrunkBy } = merged;
    const isNew = window.to > state.watermark;
    const next: LogState = {
      ...merged.state,
      volume: isNew ? admitted.volume : state.volume,
      unavailableOn: null,
      idle: false,
      span,
      pass: continued(state, window),
    };
    return {
      // What follows a gap must not be read again, because nothing shows which of its lines are in the lake.
      state: lostFrom === null ? next : past(next, window.to),
      tables: [
        {
          table: this.#kind.table,
          rows: admitted.entries.map(({ entry }) => this.#kind.rowOf(entry, context)),
        },
      ],
      gaps,
      measures: measuresOf(settle, { lateBy, shrunkBy }),
    };
  }
}

function exhausted(limit: number): string {
  return `more than the ${limit} bytes of a day that maxBytesPerDay allows`;
}

function tooMany({ lines, bytes }: Capacity): string {
  return `more than ${lines} lines or ${bytes} bytes in one second`;
}

/** Returns the start of the next UTC day. */
function nextDay(instant: number): number {
  return ceilTo(instant + 1, DAY);
}

/** Returns the state after everything up to an instant has been dealt with, and is not read again. */
function past(state: LogState, instant: number): LogState {
  return {
    ...state,
    watermark: instant,
    lookback: emptyLookback(instant),
    pass: null,
  };
}

function notPermitted(code: string): string {
  return `logs cannot be read: Atlas answered ${code}; the least role for them is ${ROLES}`;
}
