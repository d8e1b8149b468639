import * as z from 'zod';
import type { Deployment } from './deployment.ts';

const tickSchema = z.strictObject({
  /** Runs, including continuations. */
  runs: z.number(),
  /** Requests to Atlas. */
  requests: z.number(),
  /** The bytes to and from Atlas, without TLS. */
  atlasBytes: z.number(),
  rows: z.number(),
  objects: z.number(),
  /** The compressed size of the objects. */
  bytes: z.number(),
  /** Commit records, their compressed bytes, and the requests that check whether one exists. */
  records: z.number(),
  recordBytes: z.number(),
  recordChecks: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  logBytes: z.number(),
});

/** The average usage of one tick. */
export type TickUsage = z.infer<typeof tickSchema>;

export const datasetUsageSchema = z.strictObject({
  name: z.string(),
  everyMinutes: z.number(),
  /** Of one project; null if the dataset has no runs for projects. */
  project: tickSchema.nullable(),
  /** Of the organisation; null if the dataset has no runs for organisations. */
  organisation: tickSchema.nullable(),
  /** The bytes to and from Atlas when `dispatch` lists the projects, without TLS. */
  dispatchBytes: z.number(),
});

/** What a dataset uses at each of its ticks, on average. */
export type DatasetUsage = z.infer<typeof datasetUsageSchema>;

/** How many subjects of each kind there are. */
export type Subjects = Pick<Deployment, 'projects' | 'organisations'>;

const MINUTES_PER_DAY = 24 * 60;

/** Returns the number of projects and organisations of which a dataset has runs. */
export function subjectsOf(
  { project, organisation }: DatasetUsage,
  { projects, organisations }: Subjects,
): number {
  return (project ? projects : 0) + (organisation ? organisations : 0);
}

/** Returns what all projects and organisations together use at one tick of a dataset. */
export function tickOf(
  { project, organisation }: DatasetUsage,
  { projects, organisations }: Subjects,
): TickUsage {
  const sum = (field: keyof TickUsage) =>
    (project?.[field] ?? 0) * projects + (organisation?.[field] ?? 0) * organisations;
  return {
    runs: sum('runs'),
    requests: sum('requests'),
    atlasBytes: sum('atlasBytes'),
    rows: sum('rows'),
    objects: sum('objects'),
    bytes: sum('bytes'),
    records: sum('records'),
    recordBytes: sum('recordBytes'),
    recordChecks: sum('recordChecks'),
    writeUnits: sum('writeUnits'),
    readUnits: sum('readUnits'),
    logBytes: sum('logBytes'),
  };
}

/** Returns the sum of a usage over all ticks of a day, of all projects and organisations. */
export function perDay(
  datasets: readonly DatasetUsage[],
  subjects: Subjects,
  usage: (tick: TickUsage, dataset: DatasetUsage) => number,
): number {
  return datasets.reduce(
    (sum, dataset) =>
      sum + (MINUTES_PER_DAY / dataset.everyMinutes) * usage(tickOf(dataset, subjects), dataset),
    0,
  );
}
