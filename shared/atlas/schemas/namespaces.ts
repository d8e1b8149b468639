import * as z from 'zod';
import type { NamespaceMeasurements } from '../api.ts';
import { series } from './measurements.ts';

/** A name that no request could have, an empty one even, keeps its place. Half of a surrogate pair is no Unicode. */
const rankedName = z.string().transform((text) => text.toWellFormed());

/** A list that is missing is not taken for an empty one: it is all that the answer is about. */
export const rankedNamespaces: z.ZodType<string[]> = z
  .object({ rankedNamespaces: z.array(rankedName) })
  .transform((document) => document.rankedNamespaces);

/** Any ISO 8601 duration: which ones Atlas uses here is not documented. */
const granularity = z
  .string()
  .max(20)
  .regex(/^P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?$/, 'expected an ISO 8601 duration');

export const namespaceMeasurements: z.ZodType<NamespaceMeasurements> = z
  .object({ granularity, measurements: z.array(series).nullish() })
  .transform((document) => ({
    granularity: document.granularity,
    series: document.measurements ?? [],
  }));
