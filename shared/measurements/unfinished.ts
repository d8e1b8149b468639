import type { MeasurementSeries } from '../atlas/api.ts';
import { HOUR, MINUTE } from '../durations.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Resolution } from './granularity.ts';
import type { Window } from './windows.ts';

/**
 * The newest point of a series is an average that changes until its interval is over and reported. Atlas shows it with
 * the time of its last sample. So it counts as final only when there is a later one, or after this time, because a
 * target may have stopped. The lookback of an hour still reads it then.
 */
const HELD_BACK = HOUR / 2;

/** Returns whether a window may contain the newest point of a series, by its end. */
export function isRecent(
  { to, resolution }: Pick<Window, 'to' | 'resolution'>,
  { now }: Pick<RunTime, 'now'>,
): boolean {
  return isUnfinished(to, resolution, now);
}

/**
 * Returns the series without points that may still change, however far Atlas is behind: the newest of each series, unless
 * it is old. The response must reach up to the present.
 */
export function withoutUnfinished(
  response: readonly MeasurementSeries[],
  resolution: Resolution,
  { now }: Pick<RunTime, 'now'>,
): MeasurementSeries[] {
  return response.map((series) => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { timestamp } of series.dataPoints) newest = Math.max(newest, timestamp);
    if (!isUnfinished(newest, resolution, now)) return series;
    return { ...series, dataPoints: series.dataPoints.filter(({ timestamp }) => timestamp < newest) };
  });
}

/** A minute more than an interval, because timestamps are not aligned. */
function isUnfinished(newest: number, { interval }: Resolution, now: number): boolean {
  return newest + interval + MINUTE + HELD_BACK > now;
}
