import { type Cost, count, DAYS, GIGABYTE, MINUTES_PER_MONTH, TERABYTE } from './cost.ts';
import type { Deployment } from './deployment.ts';
import { PRICES } from './prices.ts';
import { FILES_PER_DAY } from './publication-costs.ts';
import { type DatasetUsage, perDay } from './usage.ts';

/** The stack's number of alarms. */
export const ALARMS_PER_DATASET = 13;
export const ALARMS_OF_DISPATCH = 2;
export const ALARMS_OF_PUBLICATION = 4;

/** The bytes of a run's requests to SQS and of its share of those to Secrets Manager, with TLS. S3 and DynamoDB have endpoints. */
const AWS_BYTES_PER_RUN = 8_000;

/** Returns the monthly costs of everything that all datasets share. */
export function sharedCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const { queriesPerDay, daysPerQuery, alarms, tables } = deployment;
  const bytesPerDay = perDay(datasets, deployment, ({ bytes }) => bytes);
  const queries = queriesPerDay * DAYS;
  const scanned = queries * daysPerQuery * bytesPerDay;
  const gets = queries * daysPerQuery * tables * FILES_PER_DAY;
  // Each tick reads which credentials there are.
  const secretReads = datasets.reduce((sum, { everyMinutes }) => sum + MINUTES_PER_MONTH / everyMinutes, 0);
  const { athena, s3, cloudWatch, secretMonth, secretRead } = PRICES;
  return [
    {
      item: 'Athena',
      amount: `${count(queries)} queries, ${(scanned / GIGABYTE).toFixed(1)} GB scanned, ${count(gets)} files read`,
      dollars: (scanned / TERABYTE) * athena.terabyteScanned + gets * s3.get,
    },
    {
      item: 'Alarms, dashboard, secret',
      amount: `${alarms} alarms, ${count(secretReads)} reads`,
      dollars:
        alarms * cloudWatch.alarmMonth + cloudWatch.dashboardMonth + secretMonth + secretReads * secretRead,
    },
  ];
}

/** Returns the monthly costs of a managed network, which is not part of a deployment unless it is configured. */
export function managedNetworkCosts(
  datasets: readonly DatasetUsage[],
  { projects }: Pick<Deployment, 'projects'>,
  atlasBytesPerHour: number,
): Cost[] {
  const hours = DAYS * 24;
  const messages = DAYS * perDay(datasets, { projects }, ({ runs }) => runs);
  const gigabytes = (hours * projects * atlasBytesPerHour + messages * AWS_BYTES_PER_RUN) / GIGABYTE;
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
