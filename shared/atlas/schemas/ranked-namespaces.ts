import * as z from 'zod';
import { optionalRawList, rawList } from './fields.ts';

/** A list that is missing is not taken for an empty one: it is all that the answer is about. */
export const rankedNamespaces: z.ZodType<unknown[]> = z
  .object({ rankedNamespaces: rawList })
  .transform((document) => document.rankedNamespaces);

/** Any ISO 8601 duration: which ones Atlas uses here is not documented. */
const granularity = z
  .string()
  .max(20)
  .regex(/^P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?$/, 'expected an ISO 8601 duration');

/** What the answer says beside its series. */
export const namespaceFields = z.object({
  granularity: granularity.nullish().transform((text) => text ?? null),
});

/** An answer that has neither series nor a granularity is not taken for one without values. */
export const namespaceMeasurements = z.union([
  z.looseObject({ measurements: rawList }),
  z.looseObject({ granularity: z.string(), measurements: optionalRawList }),
]);
