import type { Granularity } from '../atlas/api.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../durations.ts';

/** A granularity of Atlas's measurements, with its interval and retention. */
export interface Resolution {
  granularity: Granularity;
  /** The length of an interval, ms. */
  interval: number;
  /** How long Atlas keeps the points, ms. Source: Atlas's documentation of metric granularity. */
  retention: number;
}

const RESOLUTIONS: readonly Resolution[] = [
  { granularity: 'PT1M', interval: MINUTE, retention: 48 * HOUR },
  { granularity: 'PT5M', interval: 5 * MINUTE, retention: 48 * HOUR },
  { granularity: 'PT1H', interval: HOUR, retention: 63 * DAY },
  { granularity: 'P1D', interval: DAY, retention: Number.POSITIVE_INFINITY },
];

/** The granularities that can be configured as the fine one. */
export const FINE_GRANULARITIES = ['PT1M', 'PT5M', 'PT1H'] as const;
export type FineGranularity = (typeof FINE_GRANULARITIES)[number];

/**
 * How early a point's timestamp may be for it to still belong to the following interval, because timestamps
 * are some seconds off. In the wrong window, a point of a long interval would cover one hour too many, or
 * belong to an interval that is not over yet.
 */
const EARLY = 30 * SECOND;

export function earlyBy({ interval }: Pick<Resolution, 'interval'>): number {
  return interval >= HOUR ? EARLY : 0;
}

export function resolutionOf(granularity: string): Resolution {
  const resolution = RESOLUTIONS.find((candidate) => candidate.granularity === granularity);
  if (!resolution) throw new Error(`unknown granularity ${granularity}`);
  return resolution;
}

/**
 * Returns the resolutions that still have what one has dropped, finest first. The last one keeps its data
 * forever.
 */
export function coarserThan({ interval, retention }: Resolution): Resolution[] {
  return RESOLUTIONS.filter((other) => other.interval > interval && other.retention > retention);
}
