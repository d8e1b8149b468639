import { ceilTo, floorTo, HOUR, MINUTE } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { backlogPassed, backlogTask, withBacklogs } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import { frontierOf, lastSpan, oldest, type SeriesState, type Span, withSpan } from './series-state.ts';

/** A half-open span of time that one request covers. */
export interface Window {
  /**
   * Why the window is read.
   * `advance`: new points.
   * `lookback`: late points where a former granularity ended.
   * `final-check`: data that Atlas will soon drop.
   * `reread`: earlier points of a series that has just appeared.
   * `backlog`: data that only a coarser resolution still has.
   */
  purpose: 'advance' | 'lookback' | 'final-check' | 'reread' | 'backlog';
  /** Index of its span or backlog in the target's state. */
  place: number;
  resolution: Resolution;
  from: number;
  to: number;
}

/** The next task for a target: read a window, or record a result that needs no request. */
export type Task =
  | { kind: 'read'; state: SeriesState; window: Window }
  | { kind: 'record'; state: SeriesState; gaps: readonly Gap[] };

/** What is read of a target, and when. */
export interface ReadingPlan {
  /** How long after its timestamp a value counts as final, ms. */
  settle: number;
  /** Spreads the final checks of different targets over time, ms. */
  jitter: number;
  /**
   * How long before its first point is dropped a final check is due, ms: two ticks, so that one missed run has no effect.
   */
  slack: number;
  /** Returns whether a series is collected. */
  selects(measurement: string): boolean;
}

/**
 * How far before the position a run reads again. A series that lags and a null that is filled late show
 * there.
 */
const LOOKBACK = HOUR;

/**
 * A request covers six hours, or 72 intervals if that is longer. The response has about the same size either
 * way. At ten seconds it covers three hours, because the series of a process for six hours would be 20 MB.
 */
const SPAN = 6 * HOUR;
const LEAST_INTERVALS = 72;
const MOST_INTERVALS = 1080;

/**
 * Returns the settled time, after which no window of the finest resolution ends. It depends on the tick, so
 * that the same tick always reads the same span. Coarse windows end where the finer resolution begins,
 * because older data settled long ago.
 */
export function settledTime(
  { tick, now }: RunTime,
  settle: number,
  { step }: Pick<Resolution, 'step'>,
): number {
  return floorTo(Math.min(tick, now) - settle, step);
}

/**
 * Returns the next task for a target in this run, or null when nothing is left to do. New data comes first,
 * so that nothing else can delay it; then the data that Atlas will drop first.
 *
 * @param advanceTo the run time for new points: earlier than `time` where none are expected
 */
export function nextTask(
  state: SeriesState,
  plan: ReadingPlan,
  time: RunTime,
  advanceTo = time,
): Task | null {
  const opened = withBacklogs(state, time.now);
  const window =
    advanceWindow(opened, plan, time.now, advanceTo) ??
    finalCheckWindow(opened, plan, time.now) ??
    lookbackWindow(opened, time.now) ??
    rereadWindow(opened, time.now);
  if (window) return { kind: 'read', state: opened, window };
  return backlogTask(opened, time, plan);
}

function advanceWindow(
  state: SeriesState,
  { settle }: ReadingPlan,
  now: number,
  advanceTo: RunTime,
): Window | null {
  if (state.isWaiting) return null;
  const { place, span } = frontierOf(state);
  const { resolution, position, to } = span;
  const settled = Math.min(settledTime(advanceTo, settle, resolution), to ?? Number.POSITIVE_INFINITY);
  if (position >= settled) return null;
  const from =
    span.startPosition === null
      ? Math.max(floorTo(position - LOOKBACK, resolution.step), span.from, oldest(resolution, now))
      : floorTo(position, resolution.step);
  return { purpose: 'advance', place, resolution, from, to: Math.min(settled, from + widest(resolution)) };
}

/**
 * Returns a window for the hour before the end of a former span, while the hour before the position would
 * include it.
 */
function lookbackWindow(state: SeriesState, now: number): Window | null {
  const { startPosition } = lastSpan(state);
  if (startPosition === null) return null;
  for (const [place, { resolution, from, to, startPosition: own }] of state.spans.entries()) {
    if (to === null || own !== null || startPosition - LOOKBACK >= to) continue;
    const start = Math.max(floorTo(startPosition - LOOKBACK, resolution.step), from, oldest(resolution, now));
    if (start < to) return { purpose: 'lookback', place, resolution, from: start, to };
  }
  return null;
}

function rereadWindow({ spans }: SeriesState, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { resolution, rereadFrom, from, position } = span;
    if (rereadFrom === null) continue;
    const start = Math.max(rereadFrom, from, oldest(resolution, now));
    const to = Math.min(start + widest(resolution), floorTo(position, resolution.step));
    if (start < to) return { purpose: 'reread', place, resolution, from: start, to };
  }
  return null;
}

function finalCheckWindow({ spans }: SeriesState, plan: ReadingPlan, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { resolution } = span;
    const start = oldest(resolution, now);
    const from = Math.max(floorTo(Math.max(span.finallyCheckedTo, start), resolution.step), span.from);
    const to = Math.min(finalCheckEnd(resolution, from, plan), floorTo(readBefore(span), resolution.step));
    const due = from < start + finalCheckSlack(resolution, plan);
    if (due && from < to) return { purpose: 'final-check', place, resolution, from, to };
  }
  return null;
}

/**
 * Returns the end of what earlier runs have read. What this run has read for the first time needs no final
 * check in it.
 */
export function readBefore({ startPosition, position }: Span): number {
  return startPosition ?? position;
}

/**
 * Returns the end of a final check. Each target has its own times, so that the checks of different targets do
 * not coincide.
 */
function finalCheckEnd(resolution: Resolution, from: number, plan: ReadingPlan): number {
  const period = floorTo(widest(resolution) - finalCheckSlack(resolution, plan), HOUR);
  const shift = floorTo(plan.jitter % period, resolution.step);
  return floorTo(from - shift, period) + period + shift;
}

/** Adds two intervals to the slack, because rates are null without the interval before. */
function finalCheckSlack({ interval }: Resolution, { slack }: ReadingPlan): number {
  return slack + 2 * interval;
}

/** Returns the state after a window was read. */
export function passed(state: SeriesState, window: Window, time: RunTime): SeriesState {
  const { place, purpose, to } = window;
  if (purpose === 'backlog') return backlogPassed(state, window, time);
  const span = state.spans[place];
  if (!span) throw new Error('a window refers to no span');
  const { position } = span;
  const startPosition = readBefore(span);
  switch (purpose) {
    case 'advance':
      return withSpan(state, place, { position: Math.max(position, to), startPosition });
    case 'lookback':
      return withSpan(state, place, { startPosition });
    case 'final-check':
      return withSpan(state, place, { finallyCheckedTo: Math.max(span.finallyCheckedTo, to) });
    case 'reread':
      return withSpan(state, place, {
        rereadFrom: to < floorTo(position, span.resolution.step) ? to : null,
      });
  }
}

/**
 * Returns the state after Atlas has dropped data, and whether any of it missed its final check because the
 * collector was down or had no requests left.
 */
export function withMissedFinalChecks(
  state: SeriesState,
  now: number,
): { state: SeriesState; missed: boolean } {
  let missed = false;
  const spans = state.spans.map((span) => {
    const dropped = Math.min(oldest(span.resolution, now), span.position);
    if (Math.max(span.finallyCheckedTo, span.from) >= dropped) return span;
    missed = true;
    return { ...span, finallyCheckedTo: dropped };
  });
  return missed ? { state: { ...state, spans }, missed } : { state, missed };
}

/**
 * Returns how much earlier than its window a request starts. The first point of a rate series is null in
 * every response, and the point before the first wanted one may be some seconds more than an interval
 * earlier.
 */
export function lead({ interval }: Resolution): number {
  return interval + MINUTE;
}

/** Returns the length of the widest window of a resolution. */
export function widest(resolution: Resolution): number {
  const { interval, step } = resolution;
  const span = Math.min(Math.max(SPAN, LEAST_INTERVALS * interval), MOST_INTERVALS * interval);
  return floorTo(span - lead(resolution), step);
}

/**
 * Returns how much of a refused window is given up at a time: a sixth, which is an hour of the finest
 * resolutions.
 */
export function refusedLength(resolution: Resolution): number {
  return ceilTo(widest(resolution) / 6, resolution.step);
}

/** Returns the part of a refused window that is given up. */
export function refusedPart(window: Window): Window {
  return { ...window, to: Math.min(window.from + refusedLength(window.resolution), window.to) };
}
