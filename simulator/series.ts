import { releasedAt } from './organisation/lateness.ts';
import type { Organisation } from './organisation/types.ts';
import { GRANULARITIES, type Granularity } from './series/granularity.ts';
import {
  type Series,
  seriesOf,
  settledValue,
  stampAtOrAfter,
  stamps,
  unchangedFrom,
} from './series/intervals.ts';
import { knownFrom } from './series/reporting.ts';
import { findSource, type SeriesTarget } from './series/targets.ts';
import { MINUTE } from './time.ts';

export type { Granularity } from './series/granularity.ts';
export type { SeriesTarget } from './series/targets.ts';

/** A point in its final state, after its interval ended. Times in milliseconds since 1970. */
export interface SettledPoint {
  measurement: string;
  units: string;
  /** The point's stamp. */
  timestamp: number;
  /** Null if clients can never read a value. */
  value: number | null;
  /** When the API first shows it with this value. */
  visibleFrom: number;
  /** The last instant at which a client can read the value, if it also requests the point before it. */
  visibleUntil: number;
}

/**
 * Returns every point that Atlas eventually has for a target at a granularity, stamped in [from, to) (ms since 1970),
 * in the order of measurement and time. Includes points that never get a value, with null.
 *
 * @throws RangeError when the organisation has no such target
 */
export function settledPoints(
  organisation: Organisation,
  target: SeriesTarget,
  granularity: Granularity,
  from: number,
  to: number,
): SettledPoint[] {
  const source = findSource(organisation, target);
  if (source === undefined) throw new RangeError(`no such target: ${JSON.stringify(target)}`);
  return source.measurements.flatMap((measurement) => {
    const series = seriesOf(organisation, source, measurement, granularity);
    return Array.from(stamps(source, granularity, from, to), (stamp) => settledPoint(series, stamp));
  });
}

/** Returns the values that a client can read at an instant (ms since 1970) if it requests all that Atlas has. */
export function readableAt(points: readonly SettledPoint[], instant: number): SettledPoint[] {
  return points.filter(
    ({ value, visibleFrom, visibleUntil }) =>
      value !== null && visibleFrom <= instant && instant <= visibleUntil,
  );
}

function settledPoint(series: Series, timestamp: number): SettledPoint {
  const { source, measurement, granularity, rules } = series;
  const { interval, retention } = GRANULARITIES[granularity];
  const release = releasedAt(rules, timestamp);
  // A rate is null unless the response contains the point before it; the very first has none.
  const isFirst = timestamp === stampAtOrAfter(source, granularity, source.dataFrom);
  const lost = release === null || (measurement.rate && isFirst);
  const settled = Math.max(
    knownFrom(source.reporting, timestamp + interval),
    unchangedFrom(series, timestamp),
  );
  return {
    measurement: measurement.name,
    units: measurement.units,
    timestamp,
    value: lost ? null : settledValue(series, timestamp),
    visibleFrom: Math.max(settled, release ?? settled, source.readableFrom),
    visibleUntil: Math.min(
      (measurement.rate ? timestamp - interval - (source.drifts ? MINUTE : 0) : timestamp) + retention,
      source.readableTo - 1,
    ),
  };
}
