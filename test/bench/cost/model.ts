import { PRICES } from './prices.ts';

/** What a tick of one dataset takes in one project, measured, on average. */
export interface TickUsage {
  /** Runs, continuations included. */
  runs: number;
  /** Requests to Atlas. */
  requests: number;
  rows: number;
  objects: number;
  /** Compressed. */
  bytes: number;
  /** Commit records, their compressed bytes, and the requests that ask whether there is one. */
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

/** What is deployed, and how it is used. */
export interface Deployment {
  projects: number;
  memoryMegabytes: number;
  alarms: number;
  metricsPerDataset: number;
  /** How long the rows have been kept. */
  monthsKept: number;
  queriesPerDay: number;
  /** Days of the lake that a query reads, of every table. */
  daysPerQuery: number;
}

/** Seconds that Atlas takes for an answer; 0.1 to 0.5 were seen. */
const ATLAS_SECONDS = 0.3;

/** Requests of a run at a time. */
const CONCURRENT_REQUESTS = 6;

/** Seconds of a run beside requests and rows: start, take-over, PUTs, commit. */
const RUN_SECONDS = 1;

/**
 * Rows that one core takes from answer to object in a second: `npm run bench` measures three times as many on the
 * machine of a developer.
 */
const ROWS_PER_CORE_SECOND = 100_000;

/** Lambda gives a whole core with so much memory, and less in proportion. */
const MEGABYTES_PER_CORE = 1769;

/** As the stack has them. */
export const ALARMS_PER_DATASET = 11;
export const ALARMS_OF_DISPATCH = 2;

/** Days of a month, as the bill has them on average. */
const DAYS = 365 / 12;
const MINUTES_PER_MONTH = DAYS * 24 * 60;

/** Lambda asks a queue all the time, with five pollers that wait for 20 seconds each. */
const POLLS_PER_MONTH = (5 * MINUTES_PER_MONTH * 60) / 20;

/** Of a message: sent (by tens), received, deleted. */
const QUEUE_REQUESTS = 2.1;

const GIGABYTE = 1024 ** 3;
const TERABYTE = 1024 ** 4;

export interface Cost {
  item: string;
  /** What is counted, in a month. */
  amount: string;
  dollars: number;
}

/** Seconds that the runs of one tick take. */
export function tickSeconds({ runs, requests, rows }: TickUsage, memoryMegabytes: number): number {
  const cores = Math.min(1, memoryMegabytes / MEGABYTES_PER_CORE);
  return (
    runs * RUN_SECONDS +
    (requests * ATLAS_SECONDS) / CONCURRENT_REQUESTS +
    rows / (ROWS_PER_CORE_SECOND * cores)
  );
}

/** What a dataset costs in a month, in all projects. */
export function datasetCosts({ everyMinutes, tick }: DatasetUsage, deployment: Deployment): Cost[] {
  const ticks = (MINUTES_PER_MONTH / everyMinutes) * deployment.projects;
  const runs = ticks * tick.runs;
  const seconds = ticks * tickSeconds(tick, deployment.memoryMegabytes);
  const gigabyteSeconds = (seconds * deployment.memoryMegabytes) / 1024;
  const dispatches = MINUTES_PER_MONTH / everyMinutes;
  const queueRequests = runs * QUEUE_REQUESTS + POLLS_PER_MONTH;
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
      amount: `${count(ticks * tick.writeUnits)} write units, ${count(ticks * tick.readUnits)} read units`,
      dollars: ticks * (tick.writeUnits * dynamodb.writeUnit + tick.readUnits * dynamodb.readUnit),
    },
    {
      item: 'S3 requests',
      amount: `${count(ticks * tick.objects)} objects, ${count(ticks * tick.records)} commit records`,
      dollars: ticks * ((tick.objects + tick.records) * s3.put + tick.recordChecks * s3.get),
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

/** What is there once, whatever is collected. */
export function sharedCosts(datasets: readonly DatasetUsage[], deployment: Deployment): Cost[] {
  const { projects, queriesPerDay, daysPerQuery, alarms } = deployment;
  const bytesPerDay = datasets.reduce(
    (sum, { everyMinutes, tick }) => sum + (24 * 60 * tick.bytes * projects) / everyMinutes,
    0,
  );
  const objectsPerDay = datasets.reduce(
    (sum, { everyMinutes, tick }) => sum + (24 * 60 * tick.objects * projects) / everyMinutes,
    0,
  );
  const queries = queriesPerDay * DAYS;
  const scanned = queries * daysPerQuery * bytesPerDay;
  const gets = queries * daysPerQuery * objectsPerDay;
  const { athena, s3, cloudWatch, secretMonth } = PRICES;
  return [
    {
      item: 'Athena',
      amount: `${count(queries)} queries, ${(scanned / GIGABYTE).toFixed(1)} GB scanned, ${count(gets)} objects read`,
      dollars: (scanned / TERABYTE) * athena.terabyteScanned + gets * s3.get,
    },
    {
      item: 'Alarms, dashboard, secret',
      amount: `${alarms} alarms`,
      dollars: alarms * cloudWatch.alarmMonth + cloudWatch.dashboardMonth + secretMonth,
    },
  ];
}

export function total(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
