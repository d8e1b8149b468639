import * as z from 'zod';
import { datasetUsageSchema } from './usage.ts';

/** How many queries of each process are slow, per hour. More of them cost little. */
export const SLOW_QUERIES = 20;

const shapeSchema = z.strictObject({
  /** The mongod processes of each project. */
  processes: z.number(),
  /** The databases of each process. */
  databases: z.number(),
  /** The disks of each process. */
  disks: z.number(),
  /** The authentication attempts on each host per hour. */
  logins: z.number(),
});

/** The shape of each project. */
export type Shape = z.infer<typeof shapeSchema>;

const useSchema = z.strictObject({
  projects: z.number(),
  /** For how many months rows have been kept. */
  months: z.number(),
  /** The Athena queries per day, and the days of every table that each reads. */
  queries: z.number(),
  days: z.number(),
});

/** How large a deployment is, and how it is used. */
export type Use = z.infer<typeof useSchema>;

export const measurementSchema = z.strictObject({
  shape: shapeSchema,
  use: useSchema,
  datasets: z.array(datasetUsageSchema),
});

/** What was measured, with everything else that determines the costs. `docs/cost.json` has that of the example. */
export type Measurement = z.infer<typeof measurementSchema>;
