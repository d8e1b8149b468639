import { MINUTE } from '../shared/durations.ts';
import { parseInstant as parseExact } from '../shared/instant.ts';
import { UsageFailure } from './failure.ts';

export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** Formats an instant as `2026-11-24 12:00Z`. */
export function minute(instant: number): string {
  return `${iso(instant).slice(0, 16).replace('T', ' ')}Z`;
}

/** Formats a duration as `25 min`, `3.5 h` or `12 d`, or as `12 d ahead` if a wrong clock put it in the future. */
export function span(milliseconds: number): string {
  if (milliseconds <= -MINUTE) return `${span(-milliseconds)} ahead`;
  const minutes = Math.round(Math.abs(milliseconds) / MINUTE);
  if (minutes < 120) return `${minutes} min`;
  const hours = minutes / 60;
  return hours < 72 ? `${hours.toFixed(1)} h` : `${Math.round(hours / 24)} d`;
}

/** Formats a time as `14:41:09 UTC`. */
export function utcTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(11, 19)} UTC`;
}

/**
 * Parses the ISO 8601 time of an option. A time without a zone is UTC, whatever the machine's zone.
 * @throws {UsageFailure}
 */
export function parseInstant(option: string, text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const [whole = '', time = 'T00:00', zone] = match ?? [];
  // `Date.parse` takes February 30 for March 2.
  const instant = parseExact(`${whole.slice(0, 'YYYY-MM-DD'.length)}${time}${zone === undefined ? 'Z' : ''}`);
  if (match && instant !== undefined) return instant;
  throw new UsageFailure(
    `${option} ${JSON.stringify(text)} is not an ISO 8601 time such as 2026-11-24T12:00:00Z`,
  );
}
