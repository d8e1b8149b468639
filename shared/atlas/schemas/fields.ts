import * as z from 'zod';
import { LONGEST_NAME } from '../api.ts';

/** What the answers look like, as far as the collector reads them. Fields that it does not read may be anything. */

/** Absent, null or text: absent and null mean the same to us. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

/** Text of which names are made. Half of a surrogate pair is no Unicode: no path, key or file can hold it. */
const nameText = z
  .string()
  .max(LONGEST_NAME, `expected at most ${LONGEST_NAME} characters`)
  .refine((text) => text.isWellFormed(), 'expected Unicode text');

export const name = nameText.min(1, 'expected a name, got an empty string');

/** As `optionalText`, for what is a name. */
export const optionalName = nameText.nullish().transform((text) => text ?? null);

const ISO_8601 = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** An instant in ISO 8601, in milliseconds. */
export const instant = z.string().transform((text, context): number => {
  const time = parseInstant(text);
  if (time !== undefined) return time;
  context.addIssue({ code: 'custom', message: 'expected an ISO 8601 time' });
  return z.NEVER;
});

/** Absent or null, or an instant in ISO 8601, in milliseconds. */
export const optionalInstant = z
  .string()
  .nullish()
  .transform((text, context): number | null => {
    if (text === undefined || text === null) return null;
    const time = parseInstant(text);
    if (time !== undefined) return time;
    context.addIssue({ code: 'custom', message: 'expected an ISO 8601 time' });
    return z.NEVER;
  });

/** ISO 8601 with a zone, in milliseconds; undefined for anything else. */
export function parseInstant(text: unknown): number | undefined {
  const match = typeof text === 'string' ? ISO_8601.exec(text) : null;
  if (match === null) return undefined;
  const time = Date.parse(match[0]);
  if (Number.isNaN(time)) return undefined;
  // Date.parse takes February 30 for March 2.
  const day = Number(match[1]);
  if (day > 28 && new Date(`${match[0].slice(0, 10)}T00:00:00Z`).getUTCDate() !== day) return undefined;
  return time;
}
