import { ceilTo, floorTo, HOUR, MINUTE } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { backlogPassed, backlogTask, withBacklogs } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import { frontierOf, lastSpan, oldest, type SeriesState, type Span, withSpan } from './series-state.ts';

/** A half-open span of time that one request covers. */
export interface Window {
  /**
   * `advance` brings new points; `lookback` looks for late ones where a former granularity ended; `final-check` is the last
   * chance of what Atlas will soon drop; `reread` brings what a series that has just shown up had before; `backlog` is
   * what only a coarser resolution still has.
   */
  purpose: 'advance' | 'lookback' | 'final-check' | 'reread' | 'backlog';
  /** The place of its span, or of its backlog, in the target's state. */
  place: number;
  resolution: Resolution;
  from: number;
  to: number;
}

/** What to do next for a target: read a window, or record what has turned out without a request. */
export type Task =
  | { kind: 'read'; state: SeriesState; window: Window }
  | { kind: 'record'; state: SeriesState; gaps: readonly Gap[] };

/** How a target is read. */
export interface Pacing {
  /** How long after its time a value counts as settled, ms. */
  settle: number;
  /** Spreads the last looks of different targets over time, ms. */
  jitter: number;
}

/** How far behind the position a run reads again: a series that lags, or a null that is filled, shows there. */
const LOOKBACK = HOUR;

/** A request spans six hours, or 72 intervals where that is longer; the answer is about as large either way. */
const SPAN = 6 * HOUR;
const SPAN_INTERVALS = 72;

/**
 * A recheck is due that long before its first point is dropped: two ticks of 20 minutes, so that one missed run costs
 * nothing, and the interval before it besides, without which rates are null.
 */
const FINAL_CHECK_SLACK = 40 * MINUTE;

/**
 * No window of the finest resolution ends after the settled time. The tick counts, so that the same tick always reads the same
 * span. What finer resolutions have dropped was settled long ago: coarse windows end where the finer resolution begins.
 */
export function settledTime(
  { tick, now }: RunTime,
  settle: number,
  { interval }: { interval: number },
): number {
  return floorTo(Math.min(tick, now) - settle, interval);
}

/**
 * What to do next for a target in this run, or null when all is done. What is new comes first, so that nothing else can
 * hold it up; then what Atlas will drop first.
 *
 * @param forward the time of the run as far as new points go: earlier than `time` where none are expected
 */
export function nextTask(state: SeriesState, pacing: Pacing, time: RunTime, forward = time): Task | null {
  const opened = withBacklogs(state, time.now);
  const window =
    advanceWindow(opened, pacing, time.now, forward) ??
    finalCheckWindow(opened, pacing, time.now) ??
    lookbackWindow(opened, time.now) ??
    rereadWindow(opened, time.now);
  if (window) return { kind: 'read', state: opened, window };
  return backlogTask(opened, time);
}

function advanceWindow(state: SeriesState, { settle }: Pacing, now: number, forward: RunTime): Window | null {
  const { place, span } = frontierOf(state);
  const { resolution, position, to } = span;
  const settled = Math.min(settledTime(forward, settle, resolution), to ?? Number.POSITIVE_INFINITY);
  if (position >= settled) return null;
  const from =
    span.reached?.run === now
      ? floorTo(position, resolution.interval)
      : Math.max(floorTo(position - LOOKBACK, resolution.interval), span.from, oldest(resolution, now));
  return { purpose: 'advance', place, resolution, from, to: Math.min(settled, from + widest(resolution)) };
}

/** The hour behind the end of a former span, for as long as the hour behind the position would cover it. */
function lookbackWindow(state: SeriesState, now: number): Window | null {
  const { reached } = lastSpan(state);
  if (reached?.run !== now) return null;
  for (const [place, { resolution, from, to, reached: own }] of state.spans.entries()) {
    if (to === null || own?.run === now || reached.position - LOOKBACK >= to) continue;
    const start = Math.max(
      floorTo(reached.position - LOOKBACK, resolution.interval),
      from,
      oldest(resolution, now),
    );
    if (start < to) return { purpose: 'lookback', place, resolution, from: start, to };
  }
  return null;
}

function rereadWindow({ spans }: SeriesState, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { resolution, rereadFrom, from, position } = span;
    if (rereadFrom === null) continue;
    const start = Math.max(rereadFrom, from, oldest(resolution, now));
    const to = Math.min(start + widest(resolution), floorTo(position, resolution.interval));
    if (start < to) return { purpose: 'reread', place, resolution, from: start, to };
  }
  return null;
}

function finalCheckWindow({ spans }: SeriesState, { jitter }: Pacing, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { resolution } = span;
    const start = oldest(resolution, now);
    const from = Math.max(floorTo(Math.max(span.finallyCheckedTo, start), resolution.interval), span.from);
    const to = Math.min(
      finalCheckEnd(resolution, from, jitter),
      floorTo(readBefore(span, now), resolution.interval),
    );
    const due = from < start + finalCheckSlack(resolution);
    if (due && from < to) return { purpose: 'final-check', place, resolution, from, to };
  }
  return null;
}

/** What this run has read for the first time needs no second look in it. */
function readBefore({ reached, position }: Span, now: number): number {
  return reached?.run === now ? reached.position : position;
}

/** Rechecks end at times that are a target's own, so that those of different targets do not come together. */
function finalCheckEnd(resolution: Resolution, from: number, jitter: number): number {
  const period = floorTo(widest(resolution) - finalCheckSlack(resolution), HOUR);
  const shift = floorTo(jitter % period, resolution.interval);
  return floorTo(from - shift, period) + period + shift;
}

function finalCheckSlack({ interval }: Resolution): number {
  return FINAL_CHECK_SLACK + 2 * interval;
}

/** The state once a window has been read. */
export function passed(state: SeriesState, window: Window, time: RunTime): SeriesState {
  const { place, purpose, to } = window;
  if (purpose === 'backlog') return backlogPassed(state, window, time);
  const span = state.spans[place];
  if (!span) throw new Error('a window of no span');
  const { position } = span;
  const reached = span.reached?.run === time.now ? span.reached : { run: time.now, position };
  switch (purpose) {
    case 'advance':
      return withSpan(state, place, { position: Math.max(position, to), reached });
    case 'lookback':
      return withSpan(state, place, { reached });
    case 'final-check':
      return withSpan(state, place, { finallyCheckedTo: Math.max(span.finallyCheckedTo, to) });
    case 'reread':
      return withSpan(state, place, {
        rereadFrom: to < floorTo(position, span.resolution.interval) ? to : null,
      });
  }
}

/**
 * The state once the last chance of what Atlas has dropped since is over, and whether anything missed it: the collector
 * was down, or there were no requests left.
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
 * How much earlier than its window a request starts: the first point of a rate series is null in whatever is asked for,
 * and the one before the first wanted may be stamped some seconds more than a interval earlier.
 */
export function lead({ interval }: Resolution): number {
  return interval + MINUTE;
}

/** The widest window of a resolution. */
export function widest(resolution: Resolution): number {
  return floorTo(
    Math.max(SPAN, SPAN_INTERVALS * resolution.interval) - lead(resolution),
    resolution.interval,
  );
}

/** So much of a window that Atlas refuses is given up at a time: a sixth, an hour of the finest resolutions. */
export function refusedLength(resolution: Resolution): number {
  return ceilTo(widest(resolution) / 6, resolution.interval);
}

/** The part of a window that is given up when Atlas refuses it. */
export function refusedPart(window: Window): Window {
  return { ...window, to: Math.min(window.from + refusedLength(window.resolution), window.to) };
}
