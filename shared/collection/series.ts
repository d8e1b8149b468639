import type { DataPoint, MeasurementSeries } from '../atlas/api.ts';
import { AtlasResponseError } from '../atlas/errors.ts';
import type { Ladder, Level } from './granularity.ts';
import { addGranule, advanced, emptyGranuleSet, type GranuleSet, hasGranule } from './granule-set.ts';
import { marksAfter, type SeriesMarks, type Window } from './windows.ts';

/** What is known of the series of one target. */
export interface SeriesState extends SeriesMarks {
  /** By the measurement's name. */
  series: ReadonlyMap<string, GranuleSet>;
  /** Start of the run that last read the hour behind the mark. Kept in memory only. */
  reachedIn: number | null;
}

/** A value that is not in the lake yet. */
export interface NewPoint {
  measurement: string;
  units: string | null;
  timestamp: number;
  value: number;
}

/**
 * A target's series are kept in one item, whatever Atlas names: more than twice as many as a disk has, which has the
 * most (21).
 */
export const MOST_SERIES = 50;

/**
 * Takes an answer in: which of its values are new, and what is known afterwards. Points outside the window are
 * ignored, nulls are no values, and of a granule that is in the lake nothing is written again.
 * @throws {AtlasResponseError} (`shape`) when the target would have more series than any has.
 */
export function absorb(
  state: SeriesState,
  answer: readonly MeasurementSeries[],
  window: Window,
  { fine }: Ladder,
  stagger: number,
  now: number,
): { points: NewPoint[]; state: SeriesState } {
  const marks = marksAfter(state, window, fine, stagger, now);
  const known = new Map<string, GranuleSet>();
  for (const [name, set] of state.series) {
    const kept = advanced(set, fine, state.mark, marks.mark);
    // A series without any value in the whole retention is as good as one that was never seen.
    if (!hasNone(kept)) known.set(name, kept);
  }
  const isFine = window.level === fine;
  const points: NewPoint[] = [];
  let appeared = false;
  for (const { name, units, dataPoints } of merged(answer)) {
    const before = known.get(name);
    const after = isFine ? (before?.slice() ?? emptyGranuleSet(fine)) : undefined;
    for (const { timestamp, value } of distinct(dataPoints)) {
      if (timestamp < window.from || timestamp >= window.to || value === null) continue;
      if (after) {
        if (before && hasGranule(before, fine, timestamp)) continue;
        addGranule(after, fine, timestamp);
      }
      points.push({ measurement: name, units, timestamp, value });
    }
    if (after) known.set(name, after);
    if (known.size > MOST_SERIES) throw tooManySeries();
    appeared ||= after !== undefined && hasNone(before) && !hasNone(after);
  }
  // What the series had before it showed up is behind the windows of the runs to come, whichever window saw it first. A
  // target that is read for the first time, or again after a long silence, has no such series: all of them begin together.
  const others = [...state.series.values()].some((set) => !hasNone(set));
  const goesOn = window.purpose === 'forward' && state.reachedIn === now;
  const reread = appeared && others && !goesOn;
  const rereadFrom = reread ? marks.fineFrom : marks.rereadFrom;
  return { points, state: { ...state, ...marks, rereadFrom, series: known } };
}

function hasNone(set: GranuleSet | undefined): boolean {
  return set === undefined || set.every((byte) => byte === 0);
}

/** An answer that names a measurement twice counts as one series. */
function* merged(answer: readonly MeasurementSeries[]): Iterable<MeasurementSeries> {
  for (const [first, ...others] of Map.groupBy(answer, ({ name }) => name).values()) {
    if (!first) continue;
    if (others.length === 0) yield first;
    else yield { ...first, dataPoints: [first, ...others].flatMap(({ dataPoints }) => dataPoints) };
  }
}

function tooManySeries(): AtlasResponseError {
  const occasion = { operation: 'measurements', attempts: 1 };
  return new AtlasResponseError('shape', `a target has more than ${MOST_SERIES} series`, occasion);
}

/** A point for each timestamp: the first that has a value. Answers are in order, so that this seldom does anything. */
function distinct(points: DataPoint[]): Iterable<DataPoint> {
  let last = Number.NEGATIVE_INFINITY;
  if (
    points.every(({ timestamp }) => {
      const rises = timestamp > last;
      last = timestamp;
      return rises;
    })
  ) {
    return points;
  }
  const byTime = new Map<number, DataPoint>();
  for (const point of points) {
    const first = byTime.get(point.timestamp);
    if (!first || first.value === null) byTime.set(point.timestamp, point);
  }
  return byTime.values();
}

/** The state once everything up to an instant is known to be lost. */
export function skipped(state: SeriesState, to: number, fine: Level): SeriesState {
  const series = new Map([...state.series].map(([name, set]) => [name, advanced(set, fine, state.mark, to)]));
  return { ...state, mark: to, fineFrom: Math.max(state.fineFrom, to), series };
}
