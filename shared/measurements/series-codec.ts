import * as z from 'zod';
import type { Document } from '../cursors/document.ts';
import { type Resolution, resolutionOf } from './granularity.ts';
import type { Instants, KnownPoints } from './instants.ts';
import { decodeBitmaps, storedBitmaps } from './series-bitmaps.ts';
import { type Backlog, namesOf, type SeriesState, type Span } from './series-state.ts';

/**
 * For each of the cursor's measurements the index of its set among the sets; -1 if there is none. Empty if
 * there are none at all.
 */
const placesSchema = z.array(z.int());

const spanSchema = z.object({
  granularity: z.string(),
  from: z.number(),
  position: z.number(),
  to: z.number().nullable(),
  rechecked_to: z.number(),
  reread_from: z.number().nullable(),
  empty_from: z.number().nullable(),
  known: placesSchema,
  granules: placesSchema,
});

const backlogSchema = z.object({
  granularity: z.string(),
  from: z.number(),
  to: z.number(),
  position: z.number(),
  first_asked: z.number().nullable(),
  last_asked: z.number().nullable(),
  again: z.number().nullable(),
  refusal: z.string().nullable(),
  known: placesSchema,
});

/**
 * The stored form of the series of a cursor's targets. Most series of a process have the same points in the
 * lake, so equal sets are stored once and referenced by index.
 */
const storedSchema = z.object({
  measurements: z.array(z.string()),
  sets: z.array(z.instanceof(Uint8Array)),
  targets: z.array(
    z.object({
      name: z.string(),
      values: z.object({ first: z.number(), last: z.number() }).nullable(),
      spans: z.array(spanSchema).min(1),
      backlogs: z.array(backlogSchema),
      /** Missing in version 2. */
      substituted_until: z.number().nullable().default(null),
    }),
  ),
});

type StoredSpan = z.infer<typeof spanSchema>;
type StoredBacklog = z.infer<typeof backlogSchema>;

/** Collects the distinct sets and their indexes. */
class Sets {
  readonly list: Instants[] = [];
  readonly #places = new Map<string, number>();
  readonly #measurements: readonly string[];

  constructor(measurements: readonly string[]) {
    this.#measurements = measurements;
  }

  placesOf(known: KnownPoints): number[] {
    if (known.size === 0) return [];
    return this.#measurements.map((measurement) => this.#place(known.get(measurement)));
  }

  #place(set: Instants | undefined): number {
    if (!set) return -1;
    const key = Buffer.from(set).toString('latin1');
    const place = this.#places.get(key) ?? this.list.push(set) - 1;
    this.#places.set(key, place);
    return place;
  }
}

export function encodeSeries(fine: Resolution, states: ReadonlyMap<string, SeriesState>): Document {
  const names = new Set([...states.values()].flatMap((state) => [...namesOf(state)]));
  const measurements = [...names].sort();
  const sets = new Sets(measurements);
  const targets = [...states].map(([name, { values, spans, backlogs, substitutedUntil }]) => ({
    name,
    values,
    spans: spans.map(
      (span): StoredSpan => ({
        granularity: span.resolution.granularity,
        from: span.from,
        position: span.position,
        to: span.to,
        rechecked_to: span.finallyCheckedTo,
        reread_from: span.rereadFrom,
        empty_from: span.emptyFrom,
        known: sets.placesOf(span.known),
        granules: sets.placesOf(span.intervals),
      }),
    ),
    backlogs: backlogs.map(
      (backlog): StoredBacklog => ({
        granularity: backlog.resolution.granularity,
        from: backlog.from,
        to: backlog.to,
        position: backlog.position,
        first_asked: backlog.firstRequestedAt,
        last_asked: backlog.lastRequestedAt,
        again: backlog.again,
        refusal: backlog.refusal,
        known: sets.placesOf(backlog.known),
      }),
    ),
    substituted_until: substitutedUntil,
  }));
  return { granularity: fine.granularity, measurements, sets: sets.list, targets };
}

/** Returns the stored states by target, whatever granularity they were stored for. */
export function decodeSeries(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
): Map<string, SeriesState> {
  const bitmaps = storedBitmaps(stored);
  if (bitmaps) return decodeBitmaps(bitmaps, watermarks);
  const { measurements, sets, targets } = storedSchema.parse(stored);
  const knownOf = (places: readonly number[]): KnownPoints =>
    new Map(
      measurements.flatMap((measurement, index): Array<[string, Instants]> => {
        const set = sets[places[index] ?? -1];
        return set ? [[measurement, set]] : [];
      }),
    );
  const states = new Map<string, SeriesState>();
  for (const { name, values, spans, backlogs, substituted_until } of targets) {
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, {
      watermark,
      values,
      spans: spans.map(
        (span): Span => ({
          resolution: resolutionOf(span.granularity),
          from: span.from,
          position: span.position,
          to: span.to,
          finallyCheckedTo: span.rechecked_to,
          rereadFrom: span.reread_from,
          emptyFrom: span.empty_from,
          known: knownOf(span.known),
          intervals: knownOf(span.granules),
          startPosition: null,
        }),
      ),
      backlogs: backlogs.map(
        (backlog): Backlog => ({
          resolution: resolutionOf(backlog.granularity),
          from: backlog.from,
          to: backlog.to,
          position: backlog.position,
          firstRequestedAt: backlog.first_asked,
          lastRequestedAt: backlog.last_asked,
          again: backlog.again,
          refusal: backlog.refusal,
          known: knownOf(backlog.known),
        }),
      ),
      substitutedUntil: substituted_until,
    });
  }
  return states;
}
