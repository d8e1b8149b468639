import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import type { AccessLogEntry } from '../api.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const JAVA_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT (\d{4})$/;

/**
 * The time of an entry, ms since the epoch: `Mon Mar 09 03:28:20 GMT 2026`, which Atlas was seen to send, or ISO 8601,
 * which it documents. Undefined for anything else.
 */
export function parseEntryTime(text: unknown): number | undefined {
  const match = typeof text === 'string' ? JAVA_DATE.exec(text) : null;
  if (match === null) return parseInstant(text);
  const [, name = '', day = '', hour = '', minute = '', second = '', year = ''] = match;
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const TEXTS = ['authSource', 'failureReason', 'ipAddress', 'logLine', 'username'] as const;

/**
 * Checked by hand: an answer has up to 20,000 entries, and an object schema for each would take several times as long
 * as parsing the JSON. Most entries of a busy host share their second with the one before.
 */
const entries = z.array(z.unknown()).transform((list, context): AccessLogEntry[] => {
  const checked: AccessLogEntry[] = [];
  let text: unknown;
  let time: number | undefined;
  const refuse = (index: number, field: string, expected: string) => {
    context.addIssue({ code: 'custom', path: [index, field], message: `expected ${expected}` });
    return z.NEVER;
  };
  for (const [index, item] of list.entries()) {
    const given: Record<string, unknown> = Object(item);
    if (given['timestamp'] !== text) {
      text = given['timestamp'];
      time = parseEntryTime(text);
    }
    if (time === undefined) return refuse(index, 'timestamp', 'a time');
    const { authResult = null } = given;
    if (authResult !== null && typeof authResult !== 'boolean') {
      return refuse(index, 'authResult', 'boolean or null');
    }
    for (const field of TEXTS) {
      if (typeof (given[field] ?? '') !== 'string') return refuse(index, field, 'string or null');
    }
    checked.push({
      timestamp: time,
      authResult,
      authSource: textOf(given['authSource']),
      failureReason: textOf(given['failureReason']),
      ipAddress: textOf(given['ipAddress']),
      logLine: textOf(given['logLine']),
      username: textOf(given['username']),
    });
  }
  return checked;
});

/** Half of a surrogate pair, where a line was cut in the middle of a character, is no text that JSON readers take. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.toWellFormed() : null;
}

/** The answer of the access history. An empty one has an empty list; without the list it is none. */
export const accessHistory: z.ZodType<AccessLogEntry[]> = z
  .object({ accessLogs: entries })
  .transform((document) => document.accessLogs);
