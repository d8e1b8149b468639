import { PRICES } from './prices.ts';

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

/** The Parquet files of a table and day after the nightly maintenance. */
const FILES_PER_DAY = 2;

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

/** The seconds of an answer from Atlas. We saw 0.1 to 0.5. */
const ATLAS_SECONDS = 0.3;

/** The number of requests that a run sends at a time. */
const CONCURRENT_REQUESTS = 6;

/** The seconds of a run without requests and rows: start, lease, PUTs, commit. */
const RUN_SECONDS = 1;

/**
 * The rows per second that one core processes from answer to object. `npm run bench` measures three times as many on a
 * developer's machine.
 */
const ROWS_PER_CORE_SECOND = 100_000;

/** Lambda gives a whole core at this memory size, and proportionally less below it. */
const MEGABYTES_PER_CORE = 1769;

/** The stack's number of alarms. */
export const ALARMS_PER_DATASET = 13;
export const ALARMS_OF_DISPATCH = 2;
export const ALARMS_OF_PUBLICATION = 4;

/** The average number of days in a month. */
const DAYS = 365 / 12;
const MINUTES_PER_MONTH = DAYS * 24 * 60;

/** Lambda polls a queue all the time, with five pollers that wait for 20 seconds each. */
const POLLS_PER_MONTH = (5 * MINUTES_PER_MONTH * 60) / 20;

/** Each tick lists the folders of commit records: one for each project, and at most this many in a response. */
const FOLDERS_PER_LIST = 1000;

/** The requests of a message: sent (in batches of ten), received, deleted. */
const QUEUE_REQUESTS = 2.1;

/** A deployed run reads its header once more than on one machine, to find out whether its message is redundant. */
const HEADER_READ_UNITS = 1;

/** The bytes of a run's requests to SQS and of its share of those to Secrets Manager, with TLS. S3 and DynamoDB have endpoints. */
const AWS_BYTES_PER_RUN = 8_000;

const GIGABYTE = 1024 ** 3;
const TERABYTE = 1024 ** 4;

export interface Cost {
  item: string;
  /** The billed amount in a month. */
  amount: string;
  dollars: number;
}

/** Returns the seconds of all runs of one tick. */
export function tickSeconds({ runs, requests, rows }: TickUsage, memoryMegabytes: number): number {
  const cores = Math.min(1, memoryMegabytes / MEGABYTES_PER_CORE);
  return (
    runs * RUN_SECONDS +
    (requests * ATLAS_SECONDS) / CONCURRENT_REQUESTS +
    rows / (ROWS_PER_CORE_SECOND * cores)
  );
}

/** Returns the monthly costs of a dataset in all projects. */
export function datasetCosts({ everyMinutes, tick }: DatasetUsage, deployment: Deployment): Cost[] {
  const ticks = (MINUTES_PER_MONTH / everyMinutes) * deployment.projects;
  const runs = ticks * tick.runs;
  const seconds = ticks * tickSeconds(tick, deployment.memoryMegabytes);
  const gigabyteSeconds = (seconds * deployment.memoryMegabytes) / 1024;
  const dispatches = MINUTES_PER_MONTH / everyMinutes;
  const queueRequests = runs * QUEUE_REQUESTS + POLLS_PER_MONTH;
  const readUnits = tick.readUnits + tick.runs * HEADER_READ_UNITS;
  const stored = (ticks * (tick.bytes + tick.recordBytes)) / GIGABYTE;
  const logged = (ticks * tick.logBytes) / GIGABYTE;
  const { lambda, dynamodb, s3, sqs, scheduler, logs, cloudWatch } = PRICES;
  return [
    {
      item: 'Lambda',
      amount: `${count(runs)} runs, ${count(gigabyteSeconds)} GB-seconds`,
      dollars: (runs + dispatches) * lambda.request + gigabyteSeconds * lambda.gigabyteSecond,
    },
    {
      item: 'DynamoDB',
      amount: `${count(ticks * tick.writeUnits)} write units, ${count(ticks * readUnits)} read units`,
      dollars: ticks * (tick.writeUnits * dynamodb.writeUnit + readUnits * dynamodb.readUnit),
    },
    {
      item: 'S3 requests',
      amount: `${count(ticks * tick.objects)} objects, ${count(ticks * tick.records)} commit records`,
      dollars:
        ticks * ((tick.objects + tick.records) * s3.put + tick.recordChecks * s3.get) +
        dispatches * Math.ceil(deployment.projects / FOLDERS_PER_LIST) * s3.list,
    },
    {
      item: 'S3 storage',
      amount: `${stored.toFixed(2)} GB a month, ${(stored * deployment.monthsKept).toFixed(2)} GB kept`,
      dollars: stored * deployment.monthsKept * s3.gigabyteMonth,
    },
    { item: 'SQS', amount: `${count(queueRequests)} requests`, dollars: queueRequests * sqs.request },
    {
      item: 'Logs',
      amount: `${logged.toFixed(2)} GB`,
      dollars: logged * (logs.gigabyteIngested + logs.gigabyteMonth),
    },
    {
      item: 'Metrics and schedule',
      amount: `${deployment.metricsPerDataset} metrics, ${count(dispatches)} ticks`,
      dollars: deployment.metricsPerDataset * cloudWatch.metricMonth + dispatches * scheduler.invocation,
    },
  ];
}

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

/** Returns the monthly costs of the publication to Iceberg tables. */
export function publicationCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const { projects, tables, publicationsPerDay, monthsKept } = deployment;
  const bytesPerDay = perDay(datasets, deployment, ({ bytes }) => bytes);
  const objects = DAYS * perDay(datasets, deployment, (tick) => tick.objects);
  const records = DAYS * perDay(datasets, deployment, (tick) => tick.records);
  const executions = DAYS * publicationsPerDay;
  // In each execution, a table has new rows, and the statement compares them with half a day of rows on average.
  const statements = executions * tables + DAYS * NIGHTLY_STATEMENTS * tables;
  const compared = (DAYS * bytesPerDay * publicationsPerDay) / 2;
  const rewritten = DAYS * bytesPerDay;
  const scanned = Math.max(
    statements * PRICES.athena.minimumBytes,
    DAYS * bytesPerDay + compared + rewritten,
  );
  const lists = executions * (datasets.length * projects + 2 * tables);
  const puts = executions * tables * FILES_PER_DAY * 2;
  const gets = objects + records;
  const transitions = statements * TRANSITIONS_PER_STATEMENT + executions * TRANSITIONS_PER_EXECUTION;
  const seconds = executions * PUBLISH_SECONDS + records / RECORDS_PER_SECOND;
  const gigabyteSeconds = (seconds * PUBLISH_MEGABYTES) / 1024;
  const stored = (DAYS * bytesPerDay) / GIGABYTE;
  const { athena, s3, stepFunctions, lambda } = PRICES;
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
  ];
}

/** Returns the sum of a usage over all ticks of a day in all projects. */
function perDay(
  datasets: readonly DatasetUsage[],
  { projects }: Pick<Deployment, 'projects'>,
  usage: (tick: TickUsage) => number,
): number {
  return datasets.reduce(
    (sum, { everyMinutes, tick }) => sum + (24 * 60 * usage(tick) * projects) / everyMinutes,
    0,
  );
}

export function total(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
