import { MINUTE } from './durations.ts';

/**
 * Date, time with seconds, and zone. Years with less than four digits are rejected, because `Date.UTC` takes
 * 50 for 1950.
 */
const ISO_8601 =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Number of days that every month has. */
const SHORTEST_MONTH = 28;

/**
 * Parses an instant, ms since the epoch; undefined for any other value. Besides ISO 8601 it accepts the forms
 * that Java programs write: `Mon Mar 09 03:28:20 GMT 2026`, which Atlas has sent, `Mon, 09 Mar 2026 03:28:20
 * GMT`, and ISO 8601 with a space before the time or the zone, with the zone `GMT`, `UTC` or `+0000`, without
 * seconds if they are zero, or with the name of the zone after its offset: `Z[UTC]`.
 */
export function parseInstant(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  if (ISO_8601.test(text)) return parseIso(text);
  const iso = isoOf(text);
  return iso !== undefined && ISO_8601.test(iso) ? parseIso(iso) : undefined;
}

const TIME = String.raw`(\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)`;
const ZONE = String.raw`(Z|GMT|UTC|[+-]\d{2}:?\d{2})`;
const LOOSE = new RegExp(
  String.raw`^(\d{4}-\d{2}-\d{2})[T ](?:${TIME}|(\d{2}:\d{2})) ?${ZONE}(?:\[[\w/+-]+\])?$`,
);
const JAVA_DATE = new RegExp(String.raw`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) ${TIME} ${ZONE} (\d{4})$`);
const HTTP_DATE = new RegExp(String.raw`^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) ${TIME} ${ZONE}$`);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Longer than any text that names an instant. */
const LONGEST = 80;

/** Converts a text of one of the other forms to ISO 8601; undefined for any other text. */
function isoOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const java = JAVA_DATE.exec(text);
  if (java) {
    const [, month = '', day = '', time = '', zone = '', year = ''] = java;
    return isoText(year, month, day, time, zone);
  }
  const http = HTTP_DATE.exec(text);
  if (http) {
    const [, day = '', month = '', year = '', time = '', zone = ''] = http;
    return isoText(year, month, day, time, zone);
  }
  const [, date, time, minute, zone] = LOOSE.exec(text) ?? [];
  return date === undefined ? undefined : `${date}T${time ?? `${minute}:00`}${isoZone(zone ?? '')}`;
}

function isoText(year: string, month: string, day: string, time: string, zone: string): string {
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  return `${year}-${number}-${day}T${time}${isoZone(zone)}`;
}

function isoZone(zone: string): string {
  if (zone === 'GMT' || zone === 'UTC') return 'Z';
  return zone.length === '+0000'.length ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

/**
 * Parses an ISO 8601 text; undefined for a day that its month does not have. Ignores digits after the
 * milliseconds. Every point and log line has an instant: `Date.parse` takes twice as long, and takes February
 * 30 for March 2.
 */
function parseIso(text: string): number | undefined {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const day = twoDigits(text, 8);
  const midnight = Date.UTC(year, twoDigits(text, 5) - 1, day);
  if (day > SHORTEST_MONTH && new Date(midnight).getUTCDate() !== day) return undefined;
  const minutes = twoDigits(text, 11) * 60 + twoDigits(text, 14) - offset(text);
  return midnight + minutes * MINUTE + twoDigits(text, 17) * 1_000 + milliseconds(text);
}

/** Returns how many minutes the text's zone is ahead of UTC. */
function offset(text: string): number {
  if (text.endsWith('Z')) return 0;
  const start = text.length - '+hh:mm'.length;
  const minutes = twoDigits(text, start + 1) * 60 + twoDigits(text, start + 4);
  return text.charAt(start) === '-' ? -minutes : minutes;
}

/** Returns the milliseconds of the fraction of the second, which follows 19 characters, if there is one. */
function milliseconds(text: string): number {
  if (text.charAt(19) !== '.') return 0;
  let sum = 0;
  let unit = 100;
  for (let at = 20; unit >= 1 && isDigit(text, at); at += 1) {
    sum += digit(text, at) * unit;
    unit /= 10;
  }
  return sum;
}

/** Returns the number of two digits, the first of which is at `at`. */
function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

function isDigit(text: string, at: number): boolean {
  return digit(text, at) >= 0 && digit(text, at) <= 9;
}
