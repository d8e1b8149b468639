import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import { type SeriesTarget, type SettledPoint, settledPoints } from '../../../../simulator/series.ts';

/** A granularity and how long Atlas keeps it. The numbers are from Atlas's documentation, not from the collector. */
export interface Level {
  granularity: 'PT10S' | 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';
  granule: number;
  retention: number;
}

export const LEVELS: readonly Level[] = [
  { granularity: 'PT10S', granule: 10_000, retention: 8 * HOUR },
  { granularity: 'PT1M', granule: MINUTE, retention: 48 * HOUR },
  { granularity: 'PT5M', granule: 5 * MINUTE, retention: 48 * HOUR },
  { granularity: 'PT1H', granule: HOUR, retention: 63 * DAY },
  { granularity: 'P1D', granule: DAY, retention: Number.POSITIVE_INFINITY },
];

export function resolutionOf(granularity: unknown): Level {
  const level = LEVELS.find((candidate) => candidate.granularity === granularity);
  if (!level) throw new RangeError(`unknown granularity ${String(granularity)}`);
  return level;
}

/** Returns the resolutions that replace one whose points Atlas has deleted, finest first. */
export function coarserThan(fine: Level): Level[] {
  let longest = fine.retention;
  return LEVELS.filter(({ granule, retention }) => {
    if (granule <= fine.granule || retention <= longest) return false;
    longest = retention;
    return true;
  });
}

/** Returns the unit of watermarks: an interval, but at least a minute. */
export function stepOf({ granule }: Pick<Level, 'granule'>): number {
  return Math.max(granule, MINUTE);
}

export function floorTo(instant: number, step: number): number {
  return Math.floor(instant / step) * step;
}

export function ceilTo(instant: number, step: number): number {
  return Math.ceil(instant / step) * step;
}

/** Timestamps are at most half a minute early, and less than a minute late. */
const EARLY = MINUTE / 2;

/** Returns the start of the interval that a timestamp stands for. Only timestamps of hours and days count as early. */
export function granuleOf({ granule }: Level, stamp: number): number {
  return floorTo(granule >= HOUR ? stamp + EARLY : stamp, granule);
}

/** Returns the start of the time that a point stands for. Only timestamps of hours and days count as early. */
export function beginningOf(level: Level, stamp: number): number {
  return level.granule >= HOUR ? granuleOf(level, stamp) : stamp;
}

/** How many intervals of points are computed at a time, and cached. */
const CHUNK = 24;

/** Computes every point that Atlas ever had of one target. */
export class Points {
  readonly #organisation: Organisation;
  readonly #target: SeriesTarget;
  readonly #chunks = new Map<string, readonly SettledPoint[]>();

  constructor(organisation: Organisation, target: SeriesTarget) {
    this.#organisation = organisation;
    this.#target = target;
  }

  /** Returns the points of the time that a watermark passes. The timestamp of an hour may be some seconds early. */
  passed(level: Level, from: number, to: number): SettledPoint[] {
    const early = level.granule >= HOUR ? EARLY : 0;
    return this.between(level, from - early, to - early);
  }

  /** Returns the points whose timestamps are in [from, to). */
  between({ granularity, granule }: Level, from: number, to: number): SettledPoint[] {
    const size = CHUNK * granule;
    const found: SettledPoint[] = [];
    for (let start = floorTo(from, size); start < to; start += size) {
      const key = `${granularity} ${start}`;
      const known = this.#chunks.get(key);
      const chunk =
        known ?? settledPoints(this.#organisation, this.#target, granularity, start, start + size);
      if (!known) this.#chunks.set(key, chunk);
      for (const point of chunk) if (point.timestamp >= from && point.timestamp < to) found.push(point);
    }
    return found;
  }
}
