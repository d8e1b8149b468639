import type { Granularity } from '../atlas/api.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../durations.ts';

/** A granularity of Atlas's measurements, with its interval and retention. */
export interface Resolution {
  granularity: Granularity;
  /** The length of an interval, ms. */
  interval: number;
  /** How long Atlas keeps the points, ms. Source: Atlas's documentation of metric granularity. */
  retention: number;
  /**
   * Windows begin and end at multiples of this, ms: of the interval, or of the substitute's interval, so that a
   * substitute can continue where a window ended.
   */
  step: number;
  /** What is read instead where Atlas does not offer the granularity. */
  substitute?: Resolution;
}

const MINUTES: Resolution = { granularity: 'PT1M', interval: MINUTE, retention: 48 * HOUR, step: MINUTE };

const RESOLUTIONS: readonly Resolution[] = [
  // Only projects with an M40 or larger cluster have it.
  {
    granularity: 'PT10S',
    interval: 10 * SECOND,
    retention: 8 * HOUR,
    step: MINUTE,
    substitute: MINUTES,
  },
  MINUTES,
  { granularity: 'PT5M', interval: 5 * MINUTE, retention: 48 * HOUR, step: 5 * MINUTE },
  { granularity: 'PT1H', interval: HOUR, retention: 63 * DAY, step: HOUR },
  { granularity: 'P1D', interval: DAY, retention: Number.POSITIVE_INFINITY, step: DAY },
];

/** The granularities that can be configured as the fine one. */
export const FINE_GRANULARITIES = ['PT10S', 'PT1M', 'PT5M', 'PT1H'] as const;
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
 * Returns the resolutions that still have what one has dropped, finest first. Each keeps its data longer than the
 * one before, and the last one forever.
 */
export function coarserThan({ interval, retention }: Resolution): Resolution[] {
  let longest = retention;
  return RESOLUTIONS.filter((other) => {
    if (other.interval <= interval || other.retention <= longest) return false;
    longest = other.retention;
    return true;
  });
}

/** Returns the resolutions with longer intervals, finest first, however long Atlas keeps them. */
export function longerThan({ interval }: Pick<Resolution, 'interval'>): Resolution[] {
  return RESOLUTIONS.filter((other) => other.interval > interval);
}
