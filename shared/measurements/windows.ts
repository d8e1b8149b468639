import { ceilTo, floorTo, HOUR, MINUTE } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import { backlogPassed, backlogTask, withBacklogs } from './backlogs.ts';
import type { Level } from './granularity.ts';
import { frontierOf, lastSpan, oldest, type SeriesState, type Span, withSpan } from './series-state.ts';

/** A half-open span of time that one request covers. */
export interface Window {
  /**
   * `forward` brings new points; `reach` looks for late ones where a former granularity ended; `recheck` is the last
   * chance of what Atlas will soon drop; `reread` brings what a series that has just shown up had before; `backlog` is
   * what only a coarser level still has.
   */
  purpose: 'forward' | 'reach' | 'recheck' | 'reread' | 'backlog';
  /** The place of its span, or of its backlog, in the target's state. */
  place: number;
  level: Level;
  from: number;
  to: number;
}

/** When the run takes place. */
export interface RunTime {
  /** When it was due. */
  tick: number;
  /** When it started. */
  now: number;
}

/** What to do next for a target: read a window, or record what has turned out without a request. */
export type Task =
  | { kind: 'read'; state: SeriesState; window: Window }
  | { kind: 'record'; state: SeriesState; gaps: readonly Gap[] };

/** How a target is read. */
export interface Pace {
  /** How long after its time a value counts as settled, ms. */
  settle: number;
  /** Spreads the last looks of different targets over time, ms. */
  phase: number;
}

/** How far behind the position a run reads again: a series that lags, or a null that is filled, shows there. */
const REACH = HOUR;

/** A request spans six hours, or 72 granules where that is longer; the answer is about as large either way. */
const SPAN = 6 * HOUR;
const SPAN_GRANULES = 72;

/**
 * A recheck is due that long before its first point is dropped: two ticks of 20 minutes, so that one missed run costs
 * nothing, and the granule before it besides, without which rates are null.
 */
const RECHECK_SLACK = 40 * MINUTE;

/**
 * No window of the finest level ends after the settled time. The tick counts, so that the same tick always reads the same
 * span. What finer levels have dropped was settled long ago: coarse windows end where the finer level begins.
 */
export function settledTime(
  { tick, now }: RunTime,
  settle: number,
  { granule }: { granule: number },
): number {
  return floorTo(Math.min(tick, now) - settle, granule);
}

/**
 * What to do next for a target in this run, or null when all is done. What is new comes first, so that nothing else can
 * hold it up; then what Atlas will drop first.
 *
 * @param forward the time of the run as far as new points go: earlier than `time` where none are expected
 */
export function nextTask(state: SeriesState, pace: Pace, time: RunTime, forward = time): Task | null {
  const opened = withBacklogs(state, time.now);
  const window =
    forwardWindow(opened, pace, time.now, forward) ??
    recheckWindow(opened, pace, time.now) ??
    reachWindow(opened, time.now) ??
    rereadWindow(opened, time.now);
  if (window) return { kind: 'read', state: opened, window };
  return backlogTask(opened, time);
}

function forwardWindow(state: SeriesState, { settle }: Pace, now: number, forward: RunTime): Window | null {
  const { place, span } = frontierOf(state);
  const { level, position, to } = span;
  const settled = Math.min(settledTime(forward, settle, level), to ?? Number.POSITIVE_INFINITY);
  if (position >= settled) return null;
  const from =
    span.reached?.run === now
      ? floorTo(position, level.granule)
      : Math.max(floorTo(position - REACH, level.granule), span.from, oldest(level, now));
  return { purpose: 'forward', place, level, from, to: Math.min(settled, from + widest(level)) };
}

/** The hour behind the end of a former span, for as long as the hour behind the position would cover it. */
function reachWindow(state: SeriesState, now: number): Window | null {
  const { reached } = lastSpan(state);
  if (reached?.run !== now) return null;
  for (const [place, { level, from, to, reached: own }] of state.spans.entries()) {
    if (to === null || own?.run === now || reached.position - REACH >= to) continue;
    const start = Math.max(floorTo(reached.position - REACH, level.granule), from, oldest(level, now));
    if (start < to) return { purpose: 'reach', place, level, from: start, to };
  }
  return null;
}

function rereadWindow({ spans }: SeriesState, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { level, rereadFrom, from, position } = span;
    if (rereadFrom === null) continue;
    const start = Math.max(rereadFrom, from, oldest(level, now));
    const to = Math.min(start + widest(level), floorTo(position, level.granule));
    if (start < to) return { purpose: 'reread', place, level, from: start, to };
  }
  return null;
}

function recheckWindow({ spans }: SeriesState, { phase }: Pace, now: number): Window | null {
  for (const [place, span] of spans.entries()) {
    const { level } = span;
    const start = oldest(level, now);
    const from = Math.max(floorTo(Math.max(span.recheckedTo, start), level.granule), span.from);
    const to = Math.min(recheckEnd(level, from, phase), floorTo(readBefore(span, now), level.granule));
    const due = from < start + recheckSlack(level);
    if (due && from < to) return { purpose: 'recheck', place, level, from, to };
  }
  return null;
}

/** What this run has read for the first time needs no second look in it. */
function readBefore({ reached, position }: Span, now: number): number {
  return reached?.run === now ? reached.position : position;
}

/** Rechecks end at times that are a target's own, so that those of different targets do not come together. */
function recheckEnd(level: Level, from: number, phase: number): number {
  const period = floorTo(widest(level) - recheckSlack(level), HOUR);
  const shift = floorTo(phase % period, level.granule);
  return floorTo(from - shift, period) + period + shift;
}

function recheckSlack({ granule }: Level): number {
  return RECHECK_SLACK + 2 * granule;
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
    case 'forward':
      return withSpan(state, place, { position: Math.max(position, to), reached });
    case 'reach':
      return withSpan(state, place, { reached });
    case 'recheck':
      return withSpan(state, place, { recheckedTo: Math.max(span.recheckedTo, to) });
    case 'reread':
      return withSpan(state, place, {
        rereadFrom: to < floorTo(position, span.level.granule) ? to : null,
      });
  }
}

/**
 * The state once the last chance of what Atlas has dropped since is over, and whether anything missed it: the collector
 * was down, or there were no requests left.
 */
export function withMissedRechecks(state: SeriesState, now: number): { state: SeriesState; missed: boolean } {
  let missed = false;
  const spans = state.spans.map((span) => {
    const dropped = Math.min(oldest(span.level, now), span.position);
    if (Math.max(span.recheckedTo, span.from) >= dropped) return span;
    missed = true;
    return { ...span, recheckedTo: dropped };
  });
  return missed ? { state: { ...state, spans }, missed } : { state, missed };
}

/**
 * How much earlier than its window a request starts: the first point of a rate series is null in whatever is asked for,
 * and the one before the first wanted may be stamped some seconds more than a granule earlier.
 */
export function lead({ granule }: Level): number {
  return granule + MINUTE;
}

/** The widest window of a level. */
export function widest(level: Level): number {
  return floorTo(Math.max(SPAN, SPAN_GRANULES * level.granule) - lead(level), level.granule);
}

/** So much of a window that Atlas refuses is given up at a time: a sixth, an hour of the finest levels. */
export function refusedLength(level: Level): number {
  return ceilTo(widest(level) / 6, level.granule);
}

/** The part of a window that is given up when Atlas refuses it. */
export function refusedPart(window: Window): Window {
  return { ...window, to: Math.min(window.from + refusedLength(window.level), window.to) };
}
