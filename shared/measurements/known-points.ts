import type { DataPoint, MeasurementSeries } from '../atlas/api.ts';
import { floorTo } from '../durations.ts';
import { earlyBy } from './granularity.ts';
import {
  type Instants,
  mergedInstants,
  NO_INSTANTS,
  packInstants,
  placeOf,
  unpackInstants,
} from './instants.ts';
import type { NewPoint } from './series.ts';
import type { KnownPoints } from './series-state.ts';
import type { Window } from './windows.ts';

/** What an answer brings: the points that are new, and all that are known with them. */
export interface Taken {
  points: NewPoint[];
  known: KnownPoints;
  /** There was no value in the window at all. */
  isEmpty: boolean;
}

/** Which points of an answer lie in the window and are not known, and what is known with them. */
export function takePoints(
  answer: readonly MeasurementSeries[],
  window: Window,
  known: KnownPoints,
  intervals: KnownPoints,
): Taken {
  const points: NewPoint[] = [];
  const after = new Map(known);
  const memory = new Memory();
  let isEmpty = true;
  for (const { name, units, dataPoints } of merged(answer)) {
    const before = known.get(name) ?? NO_INSTANTS;
    const fresh = unknownPoints(inOrder(dataPoints), window, {
      instants: memory.unpacked(before),
      intervals: memory.unpacked(intervals.get(name) ?? NO_INSTANTS),
    });
    isEmpty &&= fresh.length === 0 && !hasValue(dataPoints, window);
    if (fresh.length === 0) continue;
    for (const { timestamp, value } of fresh) points.push({ measurement: name, units, timestamp, value });
    after.set(
      name,
      memory.with(
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

function unknownPoints(
  dataPoints: readonly DataPoint[],
  window: Window,
  { instants, intervals }: { instants: readonly number[]; intervals: readonly number[] },
): Value[] {
  const fresh: Value[] = [];
  const { from, resolution } = window;
  let place = placeOf(instants, from - earlyBy(resolution));
  for (const { timestamp, value } of dataPoints) {
    if (value === null || !isIn(window, timestamp)) continue;
    while ((instants[place] ?? Number.POSITIVE_INFINITY) < timestamp) place += 1;
    if (instants[place] === timestamp) continue;
    const start = floorTo(timestamp, resolution.interval);
    if (intervals.length > 0 && intervals[placeOf(intervals, start)] === start) continue;
    fresh.push({ timestamp, value });
  }
  return fresh;
}

/** Most series of a target have the same points: equal sets are unpacked once, added to once, and stay one. */
class Memory {
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
    // Series that part for a while, as late ones do, are one again when they have the same points.
    const same = this.#added.find(({ after }) => Buffer.compare(after, packed) === 0);
    const after = same?.after ?? packed;
    this.#added.push({ before, fresh, after });
    return after;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** An answer that names a measurement twice counts as one series. */
function* merged(answer: readonly MeasurementSeries[]): Iterable<MeasurementSeries> {
  for (const [first, ...others] of Map.groupBy(answer, ({ name }) => name).values()) {
    if (!first) continue;
    if (others.length === 0) yield first;
    else yield { ...first, dataPoints: [first, ...others].flatMap(({ dataPoints }) => dataPoints) };
  }
}

/** A point for each timestamp, in order: the first that has a value. Answers are in order, so that this seldom does anything. */
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
