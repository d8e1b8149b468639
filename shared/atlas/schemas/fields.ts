import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
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

/** An instant, in milliseconds. */
export const instant = z.string().transform((text, context): number => {
  const time = parseInstant(text);
  if (time !== undefined) return time;
  context.addIssue({ code: 'custom', message: 'expected a time' });
  return z.NEVER;
});

/** Absent or null, or an instant, in milliseconds. */
export const optionalInstant = instant.nullish().transform((time) => time ?? null);

/** A list whose items are read one by one: an item that is wrong does not reject the others. */
export const rawList: z.ZodType<unknown[]> = z.custom<unknown[]>(Array.isArray, 'expected array');

/** A list that may be missing. */
export const optionalRawList = rawList.nullish().transform((list) => list ?? []);
