import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import { MAX_NAME_LENGTH } from '../api.ts';

/** The shared field types of the responses. The schemas check only the fields that the collector reads. */

/** Text, null or absent. Absent counts as null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

/** The text of names. Half of a surrogate pair is not Unicode: no path, key or file can contain it. */
const nameText = z
  .string()
  .max(MAX_NAME_LENGTH, `expected at most ${MAX_NAME_LENGTH} characters`)
  .refine((text) => text.isWellFormed(), 'expected Unicode text');

export const name = nameText.min(1, 'expected a name, got an empty string');

/** Like `optionalText`, for names. */
export const optionalName = nameText.nullish().transform((text) => text ?? null);

/** An instant, in milliseconds. */
export const instant = z.string().transform((text, context): number => {
  const time = parseInstant(text);
  if (time !== undefined) return time;
  context.addIssue({ code: 'custom', message: 'expected a time' });
  return z.NEVER;
});

/** An instant in milliseconds, null or absent. */
export const optionalInstant = instant.nullish().transform((time) => time ?? null);

/** A list whose items are read one by one: a wrong item does not reject the others. */
export const rawList: z.ZodType<unknown[]> = z.custom<unknown[]>(Array.isArray, 'expected array');

/** A list that must be there. Atlas writes an empty one also as null. */
export const listOrNull: z.ZodType<unknown[]> = rawList.nullable().transform((list) => list ?? []);

/** A list that may be absent. */
export const optionalRawList = rawList.nullish().transform((list) => list ?? []);
