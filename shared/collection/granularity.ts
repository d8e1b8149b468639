import type { Granularity } from '../atlas/api.ts';
import { DAY, HOUR, MINUTE } from './durations.ts';

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

/** The fine level, and the coarser ones that still hold what it has dropped. */
export interface Ladder {
  fine: Level;
  coarser: readonly Level[];
}

export function ladder(fine: FineGranularity): Ladder {
  const index = LEVELS.findIndex((level) => level.granularity === fine);
  const level = LEVELS[index];
  if (!level) throw new Error(`no level ${fine}`);
  return {
    fine: level,
    // A level that is dropped no later than the fine one cannot stand in for it.
    coarser: LEVELS.slice(index + 1).filter((other) => other.retention > level.retention),
  };
}
