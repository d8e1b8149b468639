/** The deployment and its use. */
export interface Deployment {
  projects: number;
  memoryMegabytes: number;
  alarms: number;
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
