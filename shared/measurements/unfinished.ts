import type { MeasurementSeries } from '../atlas/api.ts';
import { floorTo, HOUR, MINUTE, SECOND } from '../durations.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { earlyBy, type Resolution } from './granularity.ts';
import { lead, type Window } from './windows.ts';

/**
 * The newest point of a series is an average that changes until its interval is over and reported. Atlas shows it with
 * the time of its last sample. So it counts as final only when there is a later one, or after this time, because a
 * target may have stopped. The final check still reads it then.
 */
const HELD_BACK = 6 * HOUR;

/** What a response has without its unfinished points. */
export interface Finished {
  series: MeasurementSeries[];
  /** The earliest point that is held back as the newest of its series, ms since the epoch; null if there is none. */
  heldBack: number | null;
}

/** Returns whether the last point of a window may be the newest of its series and unfinished. */
export function isRecent(
  { to, resolution }: Pick<Window, 'to' | 'resolution'>,
  { now }: Pick<RunTime, 'now'>,
): boolean {
  return to + resolution.interval + HELD_BACK > now;
}

/**
 * Returns the end of a request that shows whether there are points after a window.
 *
 * @param now ms since the epoch, when the request is sent
 */
export function endBeyond({ to, resolution }: Pick<Window, 'to' | 'resolution'>, now: number): number {
  // Two, because timestamps are not aligned. The minute is for requests that have to wait, and reach Atlas when it
  // already has a newer point.
  return Math.max(to, Math.min(to + 2 * lead(resolution), floorTo(now, SECOND) + MINUTE));
}

/**
 * How much later than a step of its resolution a point's timestamp may be, within a minute of whole seconds. Settle times
 * allow for it.
 */
const UNALIGNED = 59 * SECOND;

/**
 * Returns the series without points that may still change: those whose interval has not settled, because their timestamp
 * is earlier than the interval, and the newest of each series, however far Atlas is behind.
 *
 * @param response of a recent window, whose request ended at `endBeyond`
 */
export function withoutUnfinished(
  response: readonly MeasurementSeries[],
  { interval }: Resolution,
  { settle, now }: { settle: number; now: number },
): Finished {
  const settled = now - Math.max(settle - UNALIGNED, 0) - interval;
  let heldBack: number | null = null;
  const series = response.map((one) => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { timestamp } of one.dataPoints) newest = Math.max(newest, timestamp);
    const isHeldBack = newest + interval + HELD_BACK > now;
    if (isHeldBack) heldBack = Math.min(heldBack ?? newest, newest);
    if (newest <= settled && !isHeldBack) return one;
    const isFinal = (timestamp: number) => timestamp <= settled && !(isHeldBack && timestamp === newest);
    return { ...one, dataPoints: one.dataPoints.filter(({ timestamp }) => isFinal(timestamp)) };
  });
  return { series, heldBack };
}

/** Returns the end of the part of a window that lies before an instant, in steps of its resolution. */
export function endBefore({ from, to, resolution }: Window, instant: number): number {
  return Math.max(from, Math.min(to, floorTo(instant + earlyBy(resolution), resolution.step)));
}
