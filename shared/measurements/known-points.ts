import type { DataPoint, MeasurementSeries } from '../atlas/api.ts';
import { floorTo } from '../durations.ts';
import { earlyBy } from './granularity.ts';
import {
  type Instants,
  insertionIndex,
  type KnownPoints,
  mergedInstants,
  NO_INSTANTS,
  packInstants,
  unpackInstants,
} from './instants.ts';
import type { Window } from './windows.ts';

/** A value that is not in the lake yet. */
export interface NewPoint {
  measurement: string;
  units: string | null;
  timestamp: number;
  value: number;
}

/** The result of a response: its new points, and all known points including them. */
export interface MergedPoints {
  points: NewPoint[];
  known: KnownPoints;
  /** Whether the window has no value at all. */
  isEmpty: boolean;
}

/**
 * Returns the points of a response that lie in the window and are not known yet, and the known points
 * including them.
 */
export function mergePoints(
  response: readonly MeasurementSeries[],
  window: Window,
  known: KnownPoints,
  intervals: KnownPoints,
): MergedPoints {
  const points: NewPoint[] = [];
  const after = new Map(known);
  const sets = new UnpackedSets();
  let isEmpty = true;
  for (const { name, units, dataPoints } of joined(response)) {
    const before = known.get(name) ?? NO_INSTANTS;
    const fresh = unknownPoints(inOrder(dataPoints), window, {
      instants: sets.unpacked(before),
      intervals: sets.unpacked(intervals.get(name) ?? NO_INSTANTS),
    });
    isEmpty &&= fresh.length === 0 && !hasValue(dataPoints, window);
    if (fresh.length === 0) continue;
    for (const { timestamp, value } of fresh) points.push({ measurement: name, units, timestamp, value });
    after.set(
      name,
      sets.with(
        before,
        fresh.map(({ timestamp }) => timestamp),
      ),
    );
  }
  return { points, known: after, isEmpty };
}

function hasValue(dataPoints: readonly DataPoint[], window: Window): boolean {
  return dataPoints.some(({ timestamp, value }) => value !== null && isIn(window, timestamp));
}

function isIn({ from, to, resolution }: Window, timestamp: number): boolean {
  const instant = timestamp + earlyBy(resolution);
  return instant >= from && instant < to;
}

type Value = DataPoint & { value: number };

function hasNumber(point: DataPoint): point is Value {
  return point.value !== null;
}

function unknownPoints(
  dataPoints: readonly DataPoint[],
  window: Window,
  { instants, intervals }: { instants: readonly number[]; intervals: readonly number[] },
): Value[] {
  const fresh: Value[] = [];
  const { from, resolution } = window;
  let index = insertionIndex(instants, from - earlyBy(resolution));
  for (const point of dataPoints) {
    const { timestamp } = point;
    if (!hasNumber(point) || !isIn(window, timestamp)) continue;
    while ((instants[index] ?? Number.POSITIVE_INFINITY) < timestamp) index += 1;
    if (instants[index] === timestamp) continue;
    const start = floorTo(timestamp, resolution.interval);
    if (intervals.length > 0 && intervals[insertionIndex(intervals, start)] === start) continue;
    fresh.push(point);
  }
  return fresh;
}

/**
 * Caches unpacked sets. Most series of a target have the same points, so equal sets are unpacked once,
 * extended once, and stay the same object.
 */
class UnpackedSets {
  readonly #unpacked = new Map<Instants, number[]>();
  readonly #added: Array<{ before: Instants; fresh: readonly number[]; after: Instants }> = [];

  unpacked(set: Instants): number[] {
    const known = this.#unpacked.get(set) ?? unpackInstants(set);
    this.#unpacked.set(set, known);
    return known;
  }

  with(before: Instants, fresh: readonly number[]): Instants {
    const known = this.#added.find((addition) => addition.before === before && equal(addition.fresh, fresh));
    if (known) return known.after;
    const packed = packInstants(mergedInstants(this.unpacked(before), fresh));
    // Series that differ for a while, such as late ones, share a set again once they have the same points.
    const same = this.#added.find(({ after }) => Buffer.compare(after, packed) === 0);
    const after = same?.after ?? packed;
    this.#added.push({ before, fresh, after });
    return after;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Merges the series of a response that names a measurement twice. */
function* joined(response: readonly MeasurementSeries[]): Iterable<MeasurementSeries> {
  for (const [first, ...others] of Map.groupBy(response, ({ name }) => name).values()) {
    if (!first) continue;
    if (others.length === 0) yield first;
    else yield { ...first, dataPoints: [first, ...others].flatMap(({ dataPoints }) => dataPoints) };
  }
}

/**
 * Returns one point for each timestamp, in order: the first that has a value. Responses are normally in order
 * already.
 */
function inOrder(points: readonly DataPoint[]): readonly DataPoint[] {
  let last = Number.NEGATIVE_INFINITY;
  const rises = points.every(({ timestamp }) => {
    const isLater = timestamp > last;
    last = timestamp;
    return isLater;
  });
  if (rises) return points;
  const byTime = new Map<number, DataPoint>();
  for (const point of points) {
    const first = byTime.get(point.timestamp);
    if (!first || first.value === null) byTime.set(point.timestamp, point);
  }
  return [...byTime.values()].sort((a, b) => a.timestamp - b.timestamp);
}
