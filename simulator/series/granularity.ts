import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';

/** The granularities of measurements. */
export type Granularity = 'PT10S' | 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';

interface GranularityFacts {
  /** The length of a granule, in milliseconds. */
  granule: number;
  /** How long Atlas keeps its points, in milliseconds. */
  retention: number;
}

export const GRANULARITIES: Record<Granularity, GranularityFacts> = {
  /** Only in projects with an M40 or larger cluster. */
  PT10S: { granule: 10 * SECOND, retention: 8 * HOUR },
  PT1M: { granule: MINUTE, retention: 48 * HOUR },
  PT5M: { granule: 5 * MINUTE, retention: 48 * HOUR },
  PT1H: { granule: HOUR, retention: 63 * DAY },
  P1D: { granule: DAY, retention: Infinity },
};

export function isGranularity(text: string): text is Granularity {
  return Object.hasOwn(GRANULARITIES, text);
}
