import { ceilTo, floorTo, HOUR, MINUTE } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Resolution } from './granularity.ts';
import type { SeriesState } from './series-state.ts';

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
