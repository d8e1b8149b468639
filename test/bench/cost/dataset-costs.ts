import { type Cost, count, GIGABYTE, MINUTES_PER_MONTH } from './cost.ts';
import type { Deployment } from './deployment.ts';
import { PRICES } from './prices.ts';
import { type DatasetUsage, subjectsOf, type TickUsage, tickOf } from './usage.ts';

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

/** Lambda polls a queue all the time, with five pollers that wait for 20 seconds each. */
const POLLS_PER_MONTH = (5 * MINUTES_PER_MONTH * 60) / 20;

/** Each tick lists the folders of commit records: one for each subject, and at most this many in a response. */
const FOLDERS_PER_LIST = 1000;

/** The requests of a message: sent (in batches of ten), received, deleted. */
const QUEUE_REQUESTS = 2.1;

/** A deployed run reads its header once more than on one machine, to find out whether its message is redundant. */
const HEADER_READ_UNITS = 1;

/** The seconds of `dispatch` without requests to Atlas: start, known subjects, folders. */
const DISPATCH_SECONDS = 0.5;

/** `dispatch` sends ten messages in a request of 20 ms, and four requests at a time. */
const SECONDS_PER_MESSAGE = 0.02 / (10 * 4);

/** The projects in one answer of Atlas. */
const PROJECTS_PER_PAGE = 500;

/** A record of a project or organisation that `dispatch` reads, and the bytes of a unit of 4 KB. */
const SUBJECT_BYTES = 250;
const READ_UNIT_BYTES = 4096;

/** The log bytes of a tick in `dispatch`: those of Lambda, the line of metrics and our own line. */
const DISPATCH_LOG_BYTES = 2_500;

/** Returns the seconds of all runs of one tick. */
export function tickSeconds({ runs, requests, rows }: TickUsage, memoryMegabytes: number): number {
  const cores = Math.min(1, memoryMegabytes / MEGABYTES_PER_CORE);
  return (
    runs * RUN_SECONDS +
    (requests * ATLAS_SECONDS) / CONCURRENT_REQUESTS +
    rows / (ROWS_PER_CORE_SECOND * cores)
  );
}

/** Returns the seconds of `dispatch` in one tick. */
export function dispatchSeconds(dataset: DatasetUsage, deployment: Deployment): number {
  const pages = Math.ceil(deployment.projects / PROJECTS_PER_PAGE);
  return DISPATCH_SECONDS + pages * ATLAS_SECONDS + subjectsOf(dataset, deployment) * SECONDS_PER_MESSAGE;
}

/** Returns the monthly costs of a dataset, of all projects and organisations. */
export function datasetCosts(dataset: DatasetUsage, deployment: Deployment): Cost[] {
  const { memoryMegabytes, metricsPerDataset, monthsKept } = deployment;
  const ticks = MINUTES_PER_MONTH / dataset.everyMinutes;
  const tick = tickOf(dataset, deployment);
  const subjects = subjectsOf(dataset, deployment);
  const runs = ticks * tick.runs;
  const seconds = ticks * (tickSeconds(tick, memoryMegabytes) + dispatchSeconds(dataset, deployment));
  const gigabyteSeconds = (seconds * memoryMegabytes) / 1024;
  const queueRequests = runs * QUEUE_REQUESTS + POLLS_PER_MONTH;
  const dispatchReadUnits = Math.ceil((subjects * SUBJECT_BYTES) / READ_UNIT_BYTES);
  const readUnits = tick.readUnits + tick.runs * HEADER_READ_UNITS + dispatchReadUnits;
  const lists = ticks * Math.ceil(subjects / FOLDERS_PER_LIST);
  const stored = (ticks * (tick.bytes + tick.recordBytes)) / GIGABYTE;
  const logged = (ticks * (tick.logBytes + DISPATCH_LOG_BYTES)) / GIGABYTE;
  const { lambda, dynamodb, s3, sqs, scheduler, logs, cloudWatch } = PRICES;
  return [
    {
      item: 'Lambda',
      amount: `${count(runs)} runs, ${count(ticks)} ticks, ${count(gigabyteSeconds)} GB-seconds`,
      dollars: (runs + ticks) * lambda.request + gigabyteSeconds * lambda.gigabyteSecond,
    },
    {
      item: 'DynamoDB',
      amount: `${count(ticks * tick.writeUnits)} write units, ${count(ticks * readUnits)} read units`,
      dollars: ticks * (tick.writeUnits * dynamodb.writeUnit + readUnits * dynamodb.readUnit),
    },
    {
      item: 'S3 requests',
      amount: `${count(ticks * tick.objects)} objects, ${count(ticks * tick.records)} commit records, ${count(lists)} LIST`,
      dollars:
        ticks * ((tick.objects + tick.records) * s3.put + tick.recordChecks * s3.get) + lists * s3.list,
    },
    {
      item: 'S3 storage',
      amount: `${stored.toFixed(2)} GB a month, ${(stored * monthsKept).toFixed(2)} GB kept`,
      dollars: stored * monthsKept * s3.gigabyteMonth,
    },
    { item: 'SQS', amount: `${count(queueRequests)} requests`, dollars: queueRequests * sqs.request },
    {
      item: 'Logs',
      amount: `${logged.toFixed(2)} GB`,
      dollars: logged * (logs.gigabyteIngested + logs.gigabyteMonth),
    },
    {
      item: 'Metrics and schedule',
      amount: `${metricsPerDataset} metrics, ${count(ticks)} ticks`,
      dollars: metricsPerDataset * cloudWatch.metricMonth + ticks * scheduler.invocation,
    },
  ];
}
