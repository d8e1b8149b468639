import * as z from 'zod';
import { LONGEST_MEASUREMENT } from '../atlas/api.ts';
import type { Document } from '../cursors/document.ts';
import type { Level } from './granularity.ts';
import type { GranuleSet } from './granule-set.ts';
import { emptyGranuleSet } from './granule-set.ts';
import { MOST_SERIES, type SeriesState } from './series.ts';

/**
 * How the series of a cursor's targets are stored. Most series of a process have the same granules in the lake, so
 * equal sets are stored once and named by their place in the list.
 */
const storedSchema = z.object({
  granularity: z.string(),
  measurements: z.array(z.string()),
  sets: z.array(z.instanceof(Uint8Array)),
  targets: z.array(
    z.object({
      name: z.string(),
      fine_from: z.number(),
      rechecked_to: z.number(),
      reread_from: z.number().nullable(),
      /** For each of `measurements` the place of its set in `sets`, -1 where the target has no such series. */
      series: z.array(z.int()),
    }),
  ),
});

export function encodeSeries(fine: Level, states: ReadonlyMap<string, SeriesState>): Document {
  const measurements = [...new Set([...states.values()].flatMap((state) => [...state.series.keys()]))].sort();
  const sets: GranuleSet[] = [];
  const places = new Map<string, number>();
  const place = (set: GranuleSet | undefined): number => {
    if (!set) return -1;
    const key = Buffer.from(set).toString('latin1');
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, sets.length);
    sets.push(set);
    return sets.length - 1;
  };
  const targets = [...states].map(([name, state]) => ({
    name,
    fine_from: state.fineFrom,
    rechecked_to: state.recheckedTo,
    reread_from: state.rereadFrom,
    series: measurements.map((measurement) => place(state.series.get(measurement))),
  }));
  return { granularity: fine.granularity, measurements, sets, targets };
}

/** The stored states by target, without their marks; undefined when they were stored for another granularity. */
export function decodeSeries(
  fine: Level,
  stored: Document,
): Map<string, Omit<SeriesState, 'mark'>> | undefined {
  const { granularity, measurements, sets, targets } = storedSchema.parse(stored);
  if (granularity !== fine.granularity) return undefined;
  const states = new Map<string, Omit<SeriesState, 'mark'>>();
  for (const target of targets) {
    const series = new Map<string, GranuleSet>();
    for (const [index, measurement] of measurements.entries()) {
      const set = sets[target.series[index] ?? -1];
      if (set) series.set(measurement, set);
    }
    states.set(target.name, {
      fineFrom: target.fine_from,
      recheckedTo: target.rechecked_to,
      rereadFrom: target.reread_from,
      series,
      reachedIn: null,
    });
  }
  return states;
}

/** The marks, and the names and markers around them. */
const MARKS_BYTES = 110;

/** Of a series beside its granules: its place among the names and among the sets, and its name. */
function seriesBytes(fine: Level, nameBytes: number): number {
  return emptyGranuleSet(fine).length + 6 + nameBytes;
}

/** The most bytes that one target's series can take in an item. */
export function seriesSizeBound(fine: Level, state: SeriesState): number {
  let bytes = MARKS_BYTES;
  for (const name of state.series.keys()) bytes += seriesBytes(fine, name.length);
  return bytes;
}

/** The most bytes that the series of any target can take, whatever they become. */
export function largestSeriesSize(fine: Level): number {
  return MARKS_BYTES + MOST_SERIES * seriesBytes(fine, LONGEST_MEASUREMENT);
}
