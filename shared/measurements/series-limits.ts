import { MAX_MEASUREMENT_LENGTH } from '../atlas/api.ts';
import { MAX_VALUES } from '../atlas/body.ts';
import { largestStateFor } from '../engine/cursor-codec.ts';
import type { Resolution } from './granularity.ts';
import type { Instants } from './instants.ts';
import { mapsOf, namesOf, type SeriesState } from './series-state.ts';
import { lead, widest } from './windows.ts';

/** How much the series of one target may take of a cursor item. */
export interface SeriesLimits {
  /** Maximum bytes of a target's state when stored. */
  bytes: number;
  /** Maximum series of a target: as many as the item has room for, and as the client accepts in one response. */
  series: number;
  /** Whether several targets share an item, and so the list of measurements that their indexes refer to. */
  isShared: boolean;
}

/** Bytes of a span's or backlog's fields with their names, and of the target's own fields. */
const HOLDER_BYTES = 190;
const TARGET_BYTES = 60;

/** Bytes of a name (its length and type marker), of the index of its set in a span, and of a set. */
const NAME_BYTES = 3;
const PLACE_BYTES = 5;
const SET_BYTES = 4;

/**
 * Returns the limits of a source's targets.
 *
 * @param targetsPerItem how many targets at least share an item, as the source declares
 */
export function seriesLimits(fine: Resolution, targetsPerItem: number): SeriesLimits {
  const bytes = largestStateFor(targetsPerItem);
  const stored = Math.floor((bytes - TARGET_BYTES - HOLDER_BYTES) / seriesBytes(fine));
  const answered = Math.floor(MAX_VALUES / valuesInResponse(fine));
  return { bytes, series: Math.min(stored, answered), isShared: targetsPerItem > 1 };
}

/**
 * Returns the bytes that a target must have for each of its series: the longest name, and one bit for each interval of
 * the retention. Known points with regular timestamps take a few bytes instead, and equal ones are stored once. Only
 * timestamps that jitter differently in each series take more, and then the oldest points are forgotten.
 */
function seriesBytes({ retention, interval }: Resolution): number {
  const bits = Math.ceil(retention / interval / 8);
  return MAX_MEASUREMENT_LENGTH + NAME_BYTES + PLACE_BYTES + SET_BYTES + bits;
}

/**
 * Returns how many values the client counts in one series of a response over the widest window: three for a point
 * (its object and two commas), and some for the series. Timestamps that drift may add a point at each end.
 */
function valuesInResponse(resolution: Resolution): number {
  const points = (widest(resolution) + lead(resolution)) / resolution.interval + 2;
  return 3 * Math.ceil(points) + 6;
}

/** Returns the maximum bytes of one target's series in an item. */
export function seriesSizeBound(state: SeriesState, { series, isShared }: SeriesLimits): number {
  const names = namesOf(state);
  // If a target has any points, all measurements of the item have an index.
  const measurements = isShared ? Math.max(series, names.size) : names.size;
  const sets = new Set<Instants>();
  let bytes = TARGET_BYTES + (state.spans.length + state.backlogs.length) * HOLDER_BYTES;
  for (const known of mapsOf(state)) {
    if (known.size > 0) bytes += measurements * PLACE_BYTES;
    for (const set of known.values()) sets.add(set);
  }
  for (const name of names) bytes += name.length + NAME_BYTES;
  for (const set of sets) bytes += set.length + SET_BYTES;
  return bytes;
}
