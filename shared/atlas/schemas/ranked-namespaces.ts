import * as z from 'zod';
import { listOrNull, optionalRawList, rawList } from './fields.ts';

/** Rejects a response without the list, because an absent list does not mean an empty one, as null does. */
export const rankedNamespaces: z.ZodType<unknown[]> = z
  .object({ rankedNamespaces: listOrNull })
  .transform((document) => document.rankedNamespaces);

/** Any ISO 8601 duration. Atlas does not document which ones it uses here. */
const granularity = z
  .string()
  .max(20)
  .regex(/^P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?$/, 'expected an ISO 8601 duration');

/** The fields beside the series. */
export const namespaceFields = z.object({
  granularity: granularity.nullish().transform((text) => text ?? null),
});

/** Rejects a response with neither series nor a granularity: it does not mean that there are no values. */
export const namespaceMeasurements = z.union([
  z.looseObject({ measurements: rawList }),
  z.looseObject({ granularity: z.string(), measurements: optionalRawList }),
]);
