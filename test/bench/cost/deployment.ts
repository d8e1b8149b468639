import { MEMORY_MEGABYTES } from '../../../shared/worker/limits.ts';
import { METRICS } from '../../../shared/worker/metrics.ts';
import { lakeTables } from '../../../sql/tables.ts';
import type { Use } from './measurement.ts';

/** The deployment and its use. */
export interface Deployment {
  projects: number;
  /** The organisations of these projects. */
  organisations: number;
  memoryMegabytes: number;
  metricsPerDataset: number;
  /** For how many months rows have been kept. */
  monthsKept: number;
  queriesPerDay: number;
  /** The days of every table that a query reads. */
  daysPerQuery: number;
  /** The number of tables of the lake. */
  tables: number;
  publicationsPerDay: number;
}

/** Returns a deployment with default settings, whose projects belong to one organisation. */
export function defaultDeployment({ projects, months, queries, days }: Use): Deployment {
  return {
    projects,
    organisations: 1,
    memoryMegabytes: MEMORY_MEGABYTES,
    metricsPerDataset: Object.keys(METRICS).length,
    monthsKept: months,
    queriesPerDay: queries,
    daysPerQuery: days,
    tables: lakeTables.length,
    publicationsPerDay: 24,
  };
}
