import { floorTo, HOUR } from '../durations.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { backlogPassed, backlogTask, withBacklogs } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import { frontierOf, lastSpan, oldest, type SeriesState, type Span, withSpan } from './series-state.ts';
import { type ReadingPlan, settledTime, type Task, type Window, widest } from './windows.ts';

/**
 * How far before the position a run reads again. A series that lags and a null that is filled late show
 * there.
 */
const LOOKBACK = HOUR;

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
