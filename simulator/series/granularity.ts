import { DAY, HOUR, MINUTE } from '../time.ts';

/** The granularities of measurements. */
export type Granularity = 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';

interface GranularityFacts {
  /** The length of an interval, in milliseconds. */
  interval: number;
  /** How long Atlas keeps its points, in milliseconds. */
  retention: number;
}

export const GRANULARITIES: Record<Granularity, GranularityFacts> = {
  PT1M: { interval: MINUTE, retention: 48 * HOUR },
  PT5M: { interval: 5 * MINUTE, retention: 48 * HOUR },
  PT1H: { interval: HOUR, retention: 63 * DAY },
  P1D: { interval: DAY, retention: Infinity },
};

export function isGranularity(text: string): text is Granularity {
  return Object.hasOwn(GRANULARITIES, text);
}
