import { type Cost, count, DAYS, GIGABYTE, MINUTES_PER_MONTH, TERABYTE } from './cost.ts';
import type { Deployment } from './deployment.ts';
import { PRICES } from './prices.ts';
import { FILES_PER_DAY } from './publication-costs.ts';
import { type DatasetUsage, perDay } from './usage.ts';

/** The metrics that the alarms read. An alarm on an expression of two metrics is billed like two alarms. */
const ALARM_METRICS_PER_DATASET = 15;
const ALARM_METRICS_OF_DISPATCH = 2;
const ALARM_METRICS_OF_PUBLICATION = 5;

/** The bytes of a run's requests to SQS and of its share of those to Secrets Manager, with TLS. S3 and DynamoDB have endpoints. */
const AWS_BYTES_PER_RUN = 8_000;

/** Returns how many metrics the alarms of the collector and of the publication read. */
export function alarmMetrics(datasets: number): { collector: number; publication: number } {
  return {
    collector: datasets * ALARM_METRICS_PER_DATASET + ALARM_METRICS_OF_DISPATCH,
    publication: ALARM_METRICS_OF_PUBLICATION,
  };
}

/** Returns the monthly costs of queries. */
export function queryCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const { queriesPerDay, daysPerQuery, tables } = deployment;
  const bytesPerDay = perDay(datasets, deployment, ({ bytes }) => bytes);
  const queries = queriesPerDay * DAYS;
  const scanned = queries * daysPerQuery * bytesPerDay;
  const gets = queries * daysPerQuery * tables * FILES_PER_DAY;
  const { athena, s3 } = PRICES;
  return [
    {
      item: 'Athena',
      amount: `${count(queries)} queries, ${(scanned / GIGABYTE).toFixed(1)} GB scanned, ${count(gets)} files read`,
      dollars: (scanned / TERABYTE) * athena.terabyteScanned + gets * s3.get,
    },
  ];
}

/** Returns the monthly costs of alarms, the dashboard and the secret. */
export function operationCosts(datasets: readonly DatasetUsage[]): Cost[] {
  const { collector, publication } = alarmMetrics(datasets.length);
  const watched = collector + publication;
  // Each tick reads which credentials there are.
  const secretReads = datasets.reduce((sum, { everyMinutes }) => sum + MINUTES_PER_MONTH / everyMinutes, 0);
  const { cloudWatch, secretMonth, secretRead } = PRICES;
  return [
    {
      item: 'Alarms',
      amount: `${watched} metrics of alarms`,
      dollars: watched * cloudWatch.alarmMetricMonth,
    },
    { item: 'Dashboard', amount: '1', dollars: cloudWatch.dashboardMonth },
    {
      item: 'Secret',
      amount: `1, ${count(secretReads)} reads`,
      dollars: secretMonth + secretReads * secretRead,
    },
  ];
}

/** Returns the monthly costs of a managed network, which is not part of a deployment unless it is configured. */
export function managedNetworkCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const hours = DAYS * 24;
  const bytesPerDay = perDay(
    datasets,
    deployment,
    ({ runs, atlasBytes }, { dispatchBytes }) => atlasBytes + dispatchBytes + runs * AWS_BYTES_PER_RUN,
  );
  const gigabytes = (DAYS * bytesPerDay) / GIGABYTE;
  const { natHour, natGigabyte, publicAddressHour } = PRICES.network;
  return [
    { item: 'NAT gateway', amount: `${count(hours)} hours`, dollars: hours * natHour },
    {
      item: 'Data through it',
      amount: `${gigabytes.toFixed(1)} GB`,
      dollars: gigabytes * natGigabyte,
    },
    { item: 'Public address', amount: `${count(hours)} hours`, dollars: hours * publicAddressHour },
  ];
}
