import { fractionAt } from '../hash.ts';
import { placeholderAt, releasedAt } from '../organisation/lateness.ts';
import type { Organisation } from '../organisation/types.ts';
import { GRANULARITIES, type Granularity } from './granularity.ts';
import {
  isSampled,
  type Series,
  seriesOf,
  settledValue,
  stampAtOrAfter,
  stamps,
  unchangedFrom,
} from './intervals.ts';
import type { Measurement } from './measurements.ts';
import { newestSample } from './reporting.ts';
import type { SeriesSource } from './targets.ts';

/** A client's window, both ends inclusive; milliseconds since 1970. */
export interface Window {
  granularity: Granularity;
  start: number;
  end: number;
}

/** One series of a response. */
export interface ShownSeries {
  measurement: Measurement;
  points: ShownPoint[];
}

export interface ShownPoint {
  /** Milliseconds since 1970. */
  timestamp: number;
  value: number | null;
}

/** Returns what the API shows of a target's series at an instant. Omits series that do not exist yet. */
export function showWindow(
  organisation: Organisation,
  source: SeriesSource,
  measurements: readonly Measurement[],
  window: Window,
  now: number,
): ShownSeries[] {
  const { interval, retention } = GRANULARITIES[window.granularity];
  const start = Math.max(window.start, now - retention);
  const newest = newestSample(source.reporting, now);
  // Intervals that end after the newest sample are unfinished.
  const settled = [
    ...stamps(source, window.granularity, start, Math.min(window.end + 1, newest - interval + 1)),
  ];
  const open = openInterval(source, window.granularity, newest);
  const openStamp = organisation.provisional === 'at-sample' ? newest : (open ?? newest);
  const openShown = open !== undefined && openStamp >= start && openStamp <= window.end;
  const shown: ShownSeries[] = [];
  for (const measurement of measurements) {
    const series = seriesOf(organisation, source, measurement, window.granularity);
    if (placeholderAt(series.rules, Infinity, now) === 'absent') continue;
    if (measurement.shown === 'nothing') {
      shown.push({ measurement, points: [] });
      continue;
    }
    const points = settled.flatMap((stamp) => showPoint(series, stamp, { newest, now }));
    if (openShown) points.push(...showOpenPoint(series, { open, stamp: openStamp }, { newest, now }));
    shown.push({ measurement, points: withoutFirstRate(series, points, settled[0] ?? openStamp) });
  }
  return shown;
}

/** Returns the stamp of the interval that contains the newest sample. */
function openInterval(source: SeriesSource, granularity: Granularity, newest: number): number | undefined {
  const { interval } = GRANULARITIES[granularity];
  let open = stampAtOrAfter(source, granularity, newest - 2 * interval);
  for (let next = open; next <= newest; next = stampAtOrAfter(source, granularity, next + 1)) open = next;
  return open <= newest && open >= source.dataFrom && newest < source.dataTo ? open : undefined;
}

/** When a response is made, and the time of the newest sample that it contains. */
interface Present {
  newest: number;
  now: number;
}

function showPoint(series: Series, stamp: number, { newest, now }: Present): ShownPoint[] {
  const settled = settledValue(series, stamp);
  const value = now < unchangedFrom(series, stamp) ? provisionalValue(series, settled, newest) : settled;
  return hold(series, stamp, now) ?? [{ timestamp: stamp, value }];
}

/** Returns the unfinished average: null until the interval has a sample. */
function showOpenPoint(
  series: Series,
  { open, stamp }: { open: number; stamp: number },
  { newest, now }: Present,
): ShownPoint[] {
  const held = hold(series, stamp, now);
  if (held !== undefined) return held;
  const settled = isSampled(series.source, open, newest + 1) ? settledValue(series, open) : null;
  return [{ timestamp: stamp, value: provisionalValue(series, settled, newest) }];
}

/** Returns a value that is close to the final one, and different with every sample. */
function provisionalValue({ key }: Series, settled: number | null, newest: number): number | null {
  return settled === null ? null : settled * (0.96 + 0.03 * fractionAt(~key, newest));
}

/** Returns the placeholder of a delayed value, or undefined if it is not delayed. */
function hold(series: Series, timestamp: number, now: number): ShownPoint[] | undefined {
  const release = releasedAt(series.rules, timestamp);
  if (release !== null && now >= release) return undefined;
  return placeholderAt(series.rules, timestamp, now) === 'omitted' ? [] : [{ timestamp, value: null }];
}

/** Removes the first rate of a window, which would need the sample before it. */
function withoutFirstRate(series: Series, points: ShownPoint[], first: number): ShownPoint[] {
  if (!series.measurement.rate) return points;
  return points.map((point) => (point.timestamp === first ? { ...point, value: null } : point));
}
