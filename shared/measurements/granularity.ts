import type { Granularity } from '../atlas/api.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../durations.ts';

/** A granularity of Atlas's measurements. */
export interface Level {
  granularity: Granularity;
  /** The length of a granule, ms. */
  granule: number;
  /** For how long Atlas holds its points, ms. Source: Atlas's documentation of metric granularity. */
  retention: number;
}

const LEVELS: readonly Level[] = [
  { granularity: 'PT1M', granule: MINUTE, retention: 48 * HOUR },
  { granularity: 'PT5M', granule: 5 * MINUTE, retention: 48 * HOUR },
  { granularity: 'PT1H', granule: HOUR, retention: 63 * DAY },
  { granularity: 'P1D', granule: DAY, retention: Number.POSITIVE_INFINITY },
];

/** The granularities that can be collected as the fine one. */
export const FINE_GRANULARITIES = ['PT1M', 'PT5M', 'PT1H'] as const;
export type FineGranularity = (typeof FINE_GRANULARITIES)[number];

/**
 * How early a point may be stamped and still belong to the granule that follows: stamps are some seconds off, and of long
 * granules one that came into the wrong window would stand for an hour too many, or not be over yet.
 */
const EARLY = 30 * SECOND;

export function earlyBy({ granule }: Pick<Level, 'granule'>): number {
  return granule >= HOUR ? EARLY : 0;
}

export function levelOf(granularity: string): Level {
  const level = LEVELS.find((candidate) => candidate.granularity === granularity);
  if (!level) throw new Error(`no granularity ${granularity}`);
  return level;
}

/** The levels that still hold what one has dropped, finest first. The last has no end. */
export function coarserThan({ granule, retention }: Level): Level[] {
  return LEVELS.filter((other) => other.granule > granule && other.retention > retention);
}
