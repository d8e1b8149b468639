/** Date, time with seconds, zone. Years of less than four digits are none: `Date.UTC` takes 50 for 1950. */
const ISO_8601 =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Days that every month has. */
const SHORTEST_MONTH = 28;

/**
 * The instant that a text in ISO 8601 names, ms since the epoch; undefined for anything else. Digits after the
 * milliseconds count for nothing. There is one in every point and log line: `Date.parse` takes twice as long, and
 * takes February 30 for March 2.
 */
export function parseInstant(text: unknown): number | undefined {
  if (typeof text !== 'string' || !ISO_8601.test(text)) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const day = twoDigits(text, 8);
  const midnight = Date.UTC(year, twoDigits(text, 5) - 1, day);
  if (day > SHORTEST_MONTH && new Date(midnight).getUTCDate() !== day) return undefined;
  const minutes = twoDigits(text, 11) * 60 + twoDigits(text, 14) - offset(text);
  return midnight + minutes * 60_000 + twoDigits(text, 17) * 1_000 + milliseconds(text);
}

/** Minutes that the clocks of the text's zone are ahead of UTC. */
function offset(text: string): number {
  if (text.endsWith('Z')) return 0;
  const start = text.length - '+hh:mm'.length;
  const minutes = twoDigits(text, start + 1) * 60 + twoDigits(text, start + 4);
  return text.charAt(start) === '-' ? -minutes : minutes;
}

/** Of the fraction of the second, which stands behind 19 characters, if there is one. */
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

/** The number of two digits, of which the first is at `at`. */
function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

function isDigit(text: string, at: number): boolean {
  return digit(text, at) >= 0 && digit(text, at) <= 9;
}
