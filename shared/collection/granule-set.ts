import type { Level } from './granularity.ts';

/**
 * Which granules of a series are in the lake: one bit for each granule of the fine retention, as a ring in which a
 * granule's place is its number since the epoch modulo the ring's length. It is valid for the time before the mark.
 * 72 bytes at PT5M, 360 at PT1M.
 */
export type GranuleSet = Uint8Array;

export function emptyGranuleSet(level: Level): GranuleSet {
  return new Uint8Array(Math.ceil(places(level) / 8));
}

export function hasGranule(set: GranuleSet, level: Level, instant: number): boolean {
  const place = placeOf(level, instant);
  return ((set[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
}

export function addGranule(set: GranuleSet, level: Level, instant: number): void {
  const place = placeOf(level, instant);
  set[place >> 3] = (set[place >> 3] ?? 0) | (1 << (place & 7));
}

/** A copy whose places from `from` to `to` are free again: the ring moves on as the mark does. */
export function advanced(set: GranuleSet, level: Level, from: number, to: number): GranuleSet {
  if (to - from >= level.retention) return emptyGranuleSet(level);
  const copy = set.slice();
  for (let instant = from; instant < to; instant += level.granule) {
    const place = placeOf(level, instant);
    copy[place >> 3] = (copy[place >> 3] ?? 0) & ~(1 << (place & 7));
  }
  return copy;
}

function places(level: Level): number {
  return level.retention / level.granule;
}

function placeOf(level: Level, instant: number): number {
  return Math.floor(instant / level.granule) % places(level);
}
