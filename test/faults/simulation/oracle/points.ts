import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import { type SeriesTarget, type SettledPoint, settledPoints } from '../../../../simulator/series.ts';
import { floorTo } from './instants.ts';

/** A granularity and how long Atlas keeps it. The numbers are from Atlas's documentation, not from the collector. */
export interface Resolution {
  granularity: 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';
  interval: number;
  retention: number;
}

export const RESOLUTIONS: readonly Resolution[] = [
  { granularity: 'PT1M', interval: MINUTE, retention: 48 * HOUR },
  { granularity: 'PT5M', interval: 5 * MINUTE, retention: 48 * HOUR },
  { granularity: 'PT1H', interval: HOUR, retention: 63 * DAY },
  { granularity: 'P1D', interval: DAY, retention: Number.POSITIVE_INFINITY },
];

export function resolutionOf(granularity: unknown): Resolution {
  const resolution = RESOLUTIONS.find((candidate) => candidate.granularity === granularity);
  if (!resolution) throw new RangeError(`unknown granularity ${String(granularity)}`);
  return resolution;
}

/** Returns the resolutions that replace one whose points Atlas has deleted, finest first. */
export function coarserThan(fine: Resolution): Resolution[] {
  return RESOLUTIONS.filter(
    ({ interval, retention }) => interval > fine.interval && retention > fine.retention,
  );
}

/** Timestamps are at most half a minute early, and less than a minute late. */
const EARLY = MINUTE / 2;

/** Returns the start of the interval that a timestamp of an hour or a day stands for. */
export function intervalStart({ interval }: Resolution, stamp: number): number {
  return floorTo(stamp + EARLY, interval);
}

/** Returns the start of the time that a point stands for. Only timestamps of hours and days count as early. */
export function beginningOf(resolution: Resolution, stamp: number): number {
  return resolution.interval >= HOUR ? intervalStart(resolution, stamp) : stamp;
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
  passed(resolution: Resolution, from: number, to: number): SettledPoint[] {
    const early = resolution.interval >= HOUR ? EARLY : 0;
    return this.between(resolution, from - early, to - early);
  }

  /** Returns the points whose timestamps are in [from, to). */
  between({ granularity, interval }: Resolution, from: number, to: number): SettledPoint[] {
    const size = CHUNK * interval;
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
