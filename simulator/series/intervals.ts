import { fractionAt } from '../hash.ts';
import { type LatenessRules, rulesFor } from '../organisation/lateness.ts';
import type { Organisation, Provisional } from '../organisation/types.ts';
import { SECOND } from '../time.ts';
import { GRANULARITIES, type Granularity } from './granularity.ts';
import type { Measurement } from './measurements.ts';
import { longestLag } from './reporting.ts';
import type { SeriesSource } from './targets.ts';
import { type Signal, seriesKey, signalOf } from './values.ts';

/** One series of one target at one granularity. */
export interface Series {
  source: SeriesSource;
  measurement: Measurement;
  granularity: Granularity;
  signal: Signal;
  /** Seeds the random values of this series. */
  key: number;
  rules: LatenessRules;
  nullShare: number;
  provisional: Provisional;
}

export function seriesOf(
  organisation: Organisation,
  source: SeriesSource,
  measurement: Measurement,
  granularity: Granularity,
): Series {
  return {
    source,
    measurement,
    granularity,
    signal: signalOf(source.key, measurement.name, granularity),
    key: seriesKey(source.key, measurement.name, granularity),
    rules: rulesFor(organisation.lateness, { ...source.target, measurement: measurement.name, granularity }),
    nullShare: organisation.nullShare,
    provisional: organisation.provisional,
  };
}

/**
 * Yields the stamps of a source's intervals in [from, to), in milliseconds since 1970. An interval starts at its stamp.
 */
export function* stamps(
  source: SeriesSource,
  granularity: Granularity,
  from: number,
  to: number,
): Generator<number> {
  const end = Math.min(to, source.dataTo);
  let stamp = stampAtOrAfter(source, granularity, from);
  for (; stamp < end; stamp = stampAtOrAfter(source, granularity, stamp + 1)) yield stamp;
}

/** Returns the source's first stamp at or after a time. */
export function stampAtOrAfter(source: SeriesSource, granularity: Granularity, time: number): number {
  const { interval } = GRANULARITIES[granularity];
  const earliest = Math.max(time, source.dataFrom);
  let place = Math.ceil((earliest - source.offset) / interval);
  if (!source.drifts) return place * interval + source.offset;
  place -= 1;
  while (driftingStamp(source, interval, place) < earliest) place += 1;
  return driftingStamp(source, interval, place);
}

/**
 * Returns a drifting stamp. Stamps keep their offset for three intervals and then move, so an interval may get two or
 * none.
 */
function driftingStamp({ key, offset }: SeriesSource, interval: number, place: number): number {
  // A minute, or a whole interval if that is shorter, so that stamps stay in order.
  const spread = Math.min(60, interval / SECOND);
  const seconds = Math.floor(fractionAt(key ^ interval, Math.floor(place / 3)) * spread) - spread / 2;
  return place * interval + offset + seconds * SECOND;
}

/** Returns the final value of the interval with this stamp; null if it has no sample or was lost. */
export function settledValue(series: Series, stamp: number): number | null {
  const { shown } = series.measurement;
  if (shown === 'nothing' || shown === 'nulls') return null;
  if (!isSampled(series.source, stamp, stamp + GRANULARITIES[series.granularity].interval)) return null;
  if (series.nullShare > 0 && fractionAt(~series.key, stamp) < series.nullShare) return null;
  return shown === 'zero' ? 0 : series.signal(stamp);
}

/** Returns the instant from which the point with this stamp no longer changes, once it is shown. */
export function unchangedFrom({ provisional, source, granularity }: Series, stamp: number): number {
  if (provisional !== 'corrected') return Number.NEGATIVE_INFINITY;
  return stamp + GRANULARITIES[granularity].interval + longestLag(source.reporting);
}

/** Returns whether there is a sample in [from, to), in milliseconds since 1970. */
export function isSampled({ sampling, reporting }: SeriesSource, from: number, to: number): boolean {
  if (sampling === null) return true;
  const next = reporting.phase + Math.ceil((from - reporting.phase) / sampling) * sampling;
  return next < to;
}
