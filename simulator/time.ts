/** Milliseconds. The simulator imports nothing of the collector, so that tests never compare the collector with itself. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Formats a time like Atlas: `2026-03-09T03:28:20Z`, whole seconds. */
export function isoSeconds(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, -5)}Z`;
}
