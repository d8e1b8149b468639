import type { MeasurementSeries } from '../atlas/api.ts';
import { floorTo, HOUR, MINUTE, SECOND } from '../durations.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Resolution } from './granularity.ts';
import { lead, type Window } from './windows.ts';

/**
 * The newest point of a series is an average that changes until its interval is over and reported. Atlas shows it with
 * the time of its last sample. So it counts as final only when there is a later one, or after this time, because a
 * target may have stopped. The final check still reads it then.
 */
const HELD_BACK = 6 * HOUR;

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
 * @param response of a recent window. If the target may not stop, its request ends at `endBeyond`
 */
export function withoutUnfinished(
  response: readonly MeasurementSeries[],
  { interval }: Resolution,
  { settle, now, mayStop }: { settle: number; now: number; mayStop: boolean },
): MeasurementSeries[] {
  const settled = now - Math.max(settle - UNALIGNED, 0) - interval;
  return response.map((series) => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { timestamp } of series.dataPoints) newest = Math.max(newest, timestamp);
    const isHeldBack = !mayStop && newest + interval + HELD_BACK > now;
    if (newest <= settled && !isHeldBack) return series;
    const isFinal = (timestamp: number) => timestamp <= settled && !(isHeldBack && timestamp === newest);
    return { ...series, dataPoints: series.dataPoints.filter(({ timestamp }) => isFinal(timestamp)) };
  });
}
