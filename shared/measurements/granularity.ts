import type { Granularity } from '../atlas/api.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../durations.ts';

/** A granularity of Atlas's measurements. */
export interface Resolution {
  granularity: Granularity;
  /** The length of a interval, ms. */
  interval: number;
  /** For how long Atlas holds its points, ms. Source: Atlas's documentation of metric granularity. */
  retention: number;
}

const LEVELS: readonly Resolution[] = [
  { granularity: 'PT1M', interval: MINUTE, retention: 48 * HOUR },
  { granularity: 'PT5M', interval: 5 * MINUTE, retention: 48 * HOUR },
  { granularity: 'PT1H', interval: HOUR, retention: 63 * DAY },
  { granularity: 'P1D', interval: DAY, retention: Number.POSITIVE_INFINITY },
];

/** The granularities that can be collected as the fine one. */
export const FINE_GRANULARITIES = ['PT1M', 'PT5M', 'PT1H'] as const;
export type FineGranularity = (typeof FINE_GRANULARITIES)[number];

/**
 * How early a point may be stamped and still belong to the interval that follows: stamps are some seconds off, and of long
 * intervals one that came into the wrong window would stand for an hour too many, or not be over yet.
 */
const EARLY = 30 * SECOND;

export function earlyBy({ interval }: Pick<Resolution, 'interval'>): number {
  return interval >= HOUR ? EARLY : 0;
}

export function resolutionOf(granularity: string): Resolution {
  const resolution = LEVELS.find((candidate) => candidate.granularity === granularity);
  if (!resolution) throw new Error(`no granularity ${granularity}`);
  return resolution;
}

/** The resolutions that still hold what one has dropped, finest first. The last has no end. */
export function coarserThan({ interval, retention }: Resolution): Resolution[] {
  return LEVELS.filter((other) => other.interval > interval && other.retention > retention);
}
