import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import type { AccessHistory, AccessLogEntry } from '../api.ts';
import type { ListRemarks } from '../items.ts';
import { listOrNull } from './fields.ts';

const TEXTS = ['authSource', 'failureReason', 'ipAddress', 'logLine', 'username'] as const;

/**
 * More unreadable entries than this, and no readable one, mean that the format changed. The read then fails instead of
 * losing them.
 */
export const MAX_UNREADABLE = 10;

/**
 * Reads the entries of a response. The neighbours of an entry without a time identify it. Checks by hand: a response
 * has up to 20,000 entries, and an object schema for each would take several times as long as parsing the JSON. Reuses
 * the last parsed time, because most entries of a busy host share their second with the previous one.
 */
export function readEntries(list: readonly unknown[], remarks: ListRemarks): AccessHistory {
  const entries: AccessLogEntry[] = [];
  /** The number of entries before each unreadable one. */
  const unreadable: Array<{ before: number; item: unknown }> = [];
  let text: unknown;
  let time: number | undefined;
  for (const [index, item] of list.entries()) {
    const given: Record<string, unknown> = Object(item);
    if (given['timestamp'] !== text) {
      text = given['timestamp'];
      time = parseInstant(text);
    }
    if (time === undefined) {
      remarks.skipped({ path: [index, 'timestamp'], expected: 'expected a time' });
      unreadable.push({ before: entries.length, item });
      continue;
    }
    let { authResult = null } = given;
    if (authResult !== null && typeof authResult !== 'boolean') {
      remarks.readAsNull({ path: [index, 'authResult'], expected: 'expected boolean or null' });
      authResult = null;
    }
    for (const field of TEXTS) {
      if (typeof (given[field] ?? '') !== 'string')
        remarks.readAsNull({ path: [index, field], expected: 'expected string or null' });
    }
    entries.push({
      timestamp: time,
      authResult: authResult === true || authResult === false ? authResult : null,
      authSource: textOf(given['authSource']),
      failureReason: textOf(given['failureReason']),
      ipAddress: textOf(given['ipAddress']),
      logLine: textOf(given['logLine']),
      username: textOf(given['username']),
    });
  }
  return {
    entries,
    given: list.length,
    unreadable: unreadable.map(({ before, item }) => ({
      neighbours: [entries[before - 1]?.timestamp ?? null, entries[before]?.timestamp ?? null],
      identity: JSON.stringify(item),
    })),
  };
}

/** Returns text or null. A line cut within a character ends in half a surrogate pair, which JSON readers reject. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.toWellFormed() : null;
}

/** The response of the access history. An empty one has an empty list or null; one without the field is invalid. */
export const accessHistory: z.ZodType<unknown[]> = z
  .object({ accessLogs: listOrNull })
  .transform((document) => document.accessLogs);
