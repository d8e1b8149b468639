import { floorTo } from '../durations.ts';
import { earlyBy, type Resolution } from './granularity.ts';
import { type Instants, type KnownPoints, unpackInstants } from './instants.ts';

/** Returns the starts of the intervals in which any series has a value. */
export function coveredIntervals(known: KnownPoints, resolution: Resolution): Set<number> {
  return new Set([...new Set(known.values())].flatMap((set) => intervalsOf(set, resolution)));
}

/** Returns the starts of the intervals that count as having a value of any series. */
export function filledIntervals(known: KnownPoints, resolution: Resolution): Set<number> {
  return new Set([...new Set(known.values())].flatMap((set) => filledBy(set, resolution)));
}

/** How far timestamps drift from the start of their intervals, ms. */
const DRIFT = 30_000;

/**
 * Returns the starts of the intervals that points fill. Where timestamps drift, a minute may have none while its
 * neighbours have two, and lacks nothing.
 */
export function filledBy(set: Instants, resolution: Resolution): number[] {
  const { interval } = resolution;
  if (earlyBy(resolution) > 0) return intervalsOf(set, resolution);
  return unpackInstants(set).flatMap((instant) =>
    [instant - DRIFT, instant, instant + DRIFT].map((near) => floorTo(near, interval)),
  );
}

/** Returns the starts of the intervals that points belong to. */
export function intervalsOf(set: Instants, resolution: Resolution): number[] {
  return unpackInstants(set).map((instant) => floorTo(instant + earlyBy(resolution), resolution.interval));
}
