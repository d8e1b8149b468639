import { releasedAt } from './organisation/lateness.ts';
import type { Organisation } from './organisation/types.ts';
import { GRANULARITIES, type Granularity } from './series/granularity.ts';
import { type Series, seriesOf, settledValue, stampAtOrAfter, stamps } from './series/granules.ts';
import { knownFrom } from './series/reporting.ts';
import { findSource, type SeriesTarget } from './series/targets.ts';
import { MINUTE } from './time.ts';

export type { Granularity } from './series/granularity.ts';
export type { SeriesTarget } from './series/targets.ts';

/** A point that Atlas holds for good once its granule is over. Times in milliseconds since 1970. */
export interface SettledPoint {
  measurement: string;
  units: string;
  /** What the point is stamped with. */
  timestamp: number;
  /** Null when there is no value and never will be one that a client could read. */
  value: number | null;
  /** From when on the API shows it with this value. */
  visibleFrom: number;
  /** The last instant at which a client can still read the value, if it asks for what lies before, too. */
  visibleUntil: number;
}

/**
 * Every point that Atlas ever came to hold for a target at a granularity, stamped in [from, to) (ms since 1970), in the
 * order of measurement and time. Points that never get a value are among them, with null.
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

/** The values that a client can read at an instant (ms since 1970) if it asks for all that Atlas holds. */
export function readableAt(points: readonly SettledPoint[], instant: number): SettledPoint[] {
  return points.filter(
    ({ value, visibleFrom, visibleUntil }) =>
      value !== null && visibleFrom <= instant && instant <= visibleUntil,
  );
}

function settledPoint(series: Series, timestamp: number): SettledPoint {
  const { source, measurement, granularity, rules } = series;
  const { granule, retention } = GRANULARITIES[granularity];
  const release = releasedAt(rules, timestamp);
  // A rate is null unless the point before it is in the same answer; the very first has none before it.
  const isFirst = timestamp === stampAtOrAfter(source, granularity, source.dataFrom);
  const lost = release === null || (measurement.rate && isFirst);
  const settled = knownFrom(source.reporting, timestamp + granule);
  return {
    measurement: measurement.name,
    units: measurement.units,
    timestamp,
    value: lost ? null : settledValue(series, timestamp),
    visibleFrom: Math.max(settled, release ?? settled, source.readableFrom),
    visibleUntil: Math.min(
      (measurement.rate ? timestamp - granule - (source.drifts ? MINUTE : 0) : timestamp) + retention,
      source.readableTo - 1,
    ),
  };
}
