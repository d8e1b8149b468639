import * as z from 'zod';
import type { Document } from '../cursors/document.ts';
import { ceilTo } from '../durations.ts';
import { type Resolution, resolutionOf } from './granularity.ts';
import { type Instants, packInstants, unpackInstants } from './instants.ts';
import type { SeriesState } from './series-state.ts';

/**
 * The old stored form of series, before known points were stored by their exact times. It has one bit for
 * each interval of the retention, as a ring: the index of an interval is its number since the epoch modulo
 * the length of the ring. The bitmap is valid for one retention before the watermark.
 */
const bitmapsSchema = z.object({
  granularity: z.string(),
  measurements: z.array(z.string()),
  sets: z.array(z.instanceof(Uint8Array)),
  targets: z.array(
    z.object({
      name: z.string(),
      fine_from: z.number(),
      rechecked_to: z.number(),
      reread_from: z.number().nullable(),
      /** For each of `measurements` the index of its set in `sets`; -1 if the target has no such series. */
      series: z.array(z.int()),
    }),
  ),
});

export type StoredBitmaps = z.infer<typeof bitmapsSchema>;

/** Returns the stored states if they have this form. */
export function storedBitmaps(stored: Document): StoredBitmaps | undefined {
  const { data } = bitmapsSchema.safeParse(stored);
  // A cursor without targets looks like either form.
  return data && data.targets.length > 0 ? data : undefined;
}

/**
 * Returns the states with their intervals as spans that are known as a whole, until Atlas drops them. Nothing
 * from before the valid time of the bitmaps is read again.
 */
export function decodeBitmaps(
  { granularity, measurements, sets, targets }: StoredBitmaps,
  watermarks: ReadonlyMap<string, number>,
): Map<string, SeriesState> {
  const resolution = resolutionOf(granularity);
  const states = new Map<string, SeriesState>();
  for (const target of targets) {
    const watermark = watermarks.get(target.name);
    if (watermark === undefined) continue;
    const packed = new Map<Uint8Array, Instants>();
    const intervals = new Map<string, Instants>();
    for (const [index, measurement] of measurements.entries()) {
      const set = sets[target.series[index] ?? -1];
      if (!set) continue;
      const known = packed.get(set) ?? packInstants(intervalsOf(set, resolution, watermark));
      packed.set(set, known);
      if (known.length > 0) intervals.set(measurement, known);
    }
    const starts = [...packed.values()].flatMap((known) => unpackInstants(known));
    const last = starts.reduce((most, start) => Math.max(most, start), Number.NEGATIVE_INFINITY);
    const from = Math.max(target.fine_from, ceilTo(watermark - resolution.retention, resolution.interval));
    states.set(target.name, {
      watermark,
      values: starts.length > 0 ? { first: Math.min(from, last), last } : null,
      spans: [
        {
          resolution,
          from,
          position: watermark,
          to: null,
          finallyCheckedTo: Math.max(target.rechecked_to, from),
          rereadFrom: target.reread_from,
          emptyFrom: null,
          known: new Map(),
          intervals,
          startPosition: null,
        },
      ],
      backlogs: [],
    });
  }
  return states;
}

/** Returns the starts of the intervals that a ring contains before a watermark. */
function intervalsOf(ring: Uint8Array, { interval, retention }: Resolution, watermark: number): number[] {
  const starts: number[] = [];
  const places = retention / interval;
  const end = ceilTo(watermark, interval);
  for (let start = end - retention; start < end; start += interval) {
    const place = Math.floor(start / interval) % places;
    if (((ring[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) starts.push(start);
  }
  return starts;
}
