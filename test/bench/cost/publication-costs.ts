import { PUBLICATION_METRICS } from '../../../shared/publication/metrics.ts';
import { type Cost, count, DAYS, GIGABYTE, TERABYTE } from './cost.ts';
import type { Deployment } from './deployment.ts';
import { PRICES } from './prices.ts';
import { type DatasetUsage, perDay, subjectsOf } from './usage.ts';

/** The Parquet files of a table and day after the nightly maintenance. */
export const FILES_PER_DAY = 2;

/**
 * The transitions of the state machine for a statement, and for everything else of an execution. An execution has two rounds:
 * one that publishes, and one that finds nothing left.
 */
const TRANSITIONS_PER_STATEMENT = 7;
const TRANSITIONS_PER_EXECUTION = 20;

/** The seconds of the function in one execution, without reading records. */
const PUBLISH_SECONDS = 6;

/** The records that the function reads in a second, 32 at a time. */
const RECORDS_PER_SECOND = 500;

const PUBLISH_MEGABYTES = 1024;

/** OPTIMIZE and VACUUM of each table, once a night. */
const NIGHTLY_STATEMENTS = 2;

/**
 * The days of landing files that the nightly checks read: the last two for duplicates, and one of them again to compare it with
 * the Iceberg tables.
 */
const CHECKED_DAYS = 3;

/** Returns the monthly costs of the publication to Iceberg tables. */
export function publicationCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const { tables, publicationsPerDay, monthsKept } = deployment;
  const bytesPerDay = perDay(datasets, deployment, ({ bytes }) => bytes);
  const objects = DAYS * perDay(datasets, deployment, (tick) => tick.objects);
  const records = DAYS * perDay(datasets, deployment, (tick) => tick.records);
  const executions = DAYS * publicationsPerDay;
  // In each execution, a table has new rows, and the statement compares them with half a day of rows on average.
  const statements = executions * tables + DAYS * NIGHTLY_STATEMENTS * tables;
  const compared = (DAYS * bytesPerDay * publicationsPerDay) / 2;
  const rewritten = DAYS * bytesPerDay;
  const published = Math.max(
    statements * PRICES.athena.minimumBytes,
    DAYS * bytesPerDay + compared + rewritten,
  );
  const scanned = published + DAYS * bytesPerDay * CHECKED_DAYS;
  const folders = datasets.reduce((sum, dataset) => sum + subjectsOf(dataset, deployment), 0);
  const lists = executions * (folders + 2 * tables);
  const puts = executions * tables * FILES_PER_DAY * 2;
  const gets = objects + records;
  const transitions = statements * TRANSITIONS_PER_STATEMENT + executions * TRANSITIONS_PER_EXECUTION;
  const seconds = executions * PUBLISH_SECONDS + records / RECORDS_PER_SECOND;
  const gigabyteSeconds = (seconds * PUBLISH_MEGABYTES) / 1024;
  const stored = (DAYS * bytesPerDay) / GIGABYTE;
  const { athena, s3, stepFunctions, lambda, cloudWatch } = PRICES;
  const metrics = Object.keys(PUBLICATION_METRICS).length;
  return [
    {
      item: 'Athena',
      amount: `${count(statements)} statements, ${(scanned / GIGABYTE).toFixed(1)} GB scanned`,
      dollars: (scanned / TERABYTE) * athena.terabyteScanned,
    },
    {
      item: 'S3 requests',
      amount: `${count(lists)} LIST, ${count(gets)} GET, ${count(puts)} PUT`,
      dollars: lists * s3.list + gets * s3.get + puts * s3.put,
    },
    {
      item: 'S3 storage',
      amount: `${stored.toFixed(2)} GB a month, ${(stored * monthsKept).toFixed(2)} GB kept`,
      dollars: stored * monthsKept * s3.gigabyteMonth,
    },
    {
      item: 'Step Functions',
      amount: `${count(transitions)} transitions`,
      dollars: transitions * stepFunctions.transition,
    },
    {
      item: 'Lambda',
      amount: `${count(gigabyteSeconds)} GB-seconds`,
      dollars: gigabyteSeconds * lambda.gigabyteSecond,
    },
    { item: 'Metrics', amount: `${metrics} metrics`, dollars: metrics * cloudWatch.metricMonth },
  ];
}
