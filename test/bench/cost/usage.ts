import type { Deployment } from './deployment.ts';

/** The measured average usage of one tick of a dataset in one project. */
export interface TickUsage {
  /** Runs, including continuations. */
  runs: number;
  /** Requests to Atlas. */
  requests: number;
  rows: number;
  objects: number;
  /** The compressed size of the objects. */
  bytes: number;
  /** Commit records, their compressed bytes, and the requests that check whether one exists. */
  records: number;
  recordBytes: number;
  recordChecks: number;
  writeUnits: number;
  readUnits: number;
  logBytes: number;
}

export interface DatasetUsage {
  name: string;
  everyMinutes: number;
  tick: TickUsage;
}

/** Returns the sum of a usage over all ticks of a day in all projects. */
export function perDay(
  datasets: readonly DatasetUsage[],
  { projects }: Pick<Deployment, 'projects'>,
  usage: (tick: TickUsage) => number,
): number {
  return datasets.reduce(
    (sum, { everyMinutes, tick }) => sum + (24 * 60 * usage(tick) * projects) / everyMinutes,
    0,
  );
}
