export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * Returns the last multiple of `step` at or before an instant. Intervals start at multiples of their length
 * since the epoch.
 */
export function floorTo(instant: number, step: number): number {
  return Math.floor(instant / step) * step;
}

/** Returns the first multiple of `step` at or after an instant. */
export function ceilTo(instant: number, step: number): number {
  return Math.ceil(instant / step) * step;
}
