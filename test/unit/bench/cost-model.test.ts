import { expect, test } from 'vitest';
import { type Cost, total } from '../../bench/cost/cost.ts';
import { datasetCosts, tickSeconds } from '../../bench/cost/dataset-costs.ts';
import { publicationCosts } from '../../bench/cost/publication-costs.ts';
import { managedNetworkCosts, operationCosts, queryCosts } from '../../bench/cost/shared-costs.ts';
import type { DatasetUsage, TickUsage } from '../../bench/cost/usage.ts';

/** Ten projects at one core's memory, half an hour between ticks: 14,600 ticks a month of 730 hours. */
const deployment = {
  projects: 10,
  organisations: 1,
  memoryMegabytes: 1769,
  metricsPerDataset: 10,
  monthsKept: 12,
  queriesPerDay: 1,
  daysPerQuery: 30,
  tables: 4,
  publicationsPerDay: 24,
};

const tick: TickUsage = {
  runs: 1,
  requests: 20,
  atlasBytes: 2 ** 20,
  rows: 100_000,
  objects: 2,
  bytes: 1024 ** 2,
  records: 1,
  recordBytes: 1024 ** 2,
  recordChecks: 10,
  writeUnits: 100,
  readUnits: 10,
  logBytes: 2 ** 20,
};

const dataset: DatasetUsage = {
  name: 'any',
  everyMinutes: 30,
  project: tick,
  organisation: null,
  dispatchBytes: 2 ** 20,
};

function dollarsOf(costs: readonly Cost[]): Record<string, number> {
  return Object.fromEntries(costs.map(({ item, dollars }) => [item, dollars]));
}

test('a tick takes its start, its requests six at a time, and its rows', () => {
  expect(tickSeconds(tick, 1769)).toBeCloseTo(1 + (20 * 0.3) / 6 + 1, 9);
  // A quarter of a core.
  expect(tickSeconds(tick, 1769 / 4)).toBeCloseTo(1 + 1 + 4, 9);
  // More than one core does not help.
  expect(tickSeconds(tick, 4 * 1769)).toBeCloseTo(3, 9);
});

test('a month of a dataset, by hand', () => {
  const dollars = dollarsOf(datasetCosts(dataset, deployment));
  // Each of 1,460 ticks dispatches for half a second, a page of projects and a quarter of ten messages' 20 ms.
  const dispatchSeconds = 1460 * (0.5 + 0.3 + 0.02 / 4);
  expect(dollars['Lambda']).toBeCloseTo(
    (14_600 + 1460) * 0.2e-6 + (14_600 * 3 + dispatchSeconds) * (1769 / 1024) * 0.0000133334,
    6,
  );
  // And it reads ten records of 250 bytes.
  expect(dollars['DynamoDB']).toBeCloseTo(1.46 * 0.625 + (0.146 + 0.0146 + 0.00146) * 0.125, 6);
  expect(dollars['S3 requests']).toBeCloseTo((29.2 + 14.6 + 1.46) * 0.005 + 146 * 0.0004, 6);
  expect(dollars['S3 storage']).toBeCloseTo(2 * (14_600 / 1024) * 12 * 0.023, 6);
  expect(dollars['SQS']).toBeCloseTo((14_600 * 2.1 + 5 * 3 * 60 * 730) * 0.5e-6, 6);
  expect(dollars['Logs']).toBeCloseTo((14_600 / 1024 + (1460 * 2500) / 1024 ** 3) * 0.53, 6);
  expect(dollars['Metrics and schedule']).toBeCloseTo(3 + 1460e-6, 6);
});

test('runs of organisations are counted once for each organisation, whatever the number of projects', () => {
  const amounts = (usage: Partial<DatasetUsage>, organisations: number) => {
    const costs = datasetCosts({ ...dataset, ...usage }, { ...deployment, organisations });
    return costs.find(({ item }) => item === 'Lambda')?.amount.split(',')[0];
  };
  const runs = ({ item, amount }: Cost) => (item === 'Lambda' ? [amount.split(' runs')[0]] : []);
  expect(datasetCosts(dataset, deployment).flatMap(runs)).toEqual(['14,600']);
  expect(amounts({ project: null, organisation: tick }, 1)).toBe('1');
  expect(amounts({ organisation: tick }, 2)).toBe('17');
});

test('queries read what was written in their days, of every dataset', () => {
  const costs = queryCosts([dataset, dataset], deployment);
  const days = 365 / 12;
  // 480 MB a day of each, in two files of each table and day.
  const scanned = days * 30 * 2 * 480 * 1024 ** 2;
  const gets = days * 30 * 4 * 2;
  expect(total(costs)).toBeCloseTo((scanned / 1024 ** 4) * 5 + (gets / 1000) * 0.0004, 6);
});

test('an alarm costs as much as the metrics that it reads, and each tick reads the secret', () => {
  const dollars = dollarsOf(operationCosts([dataset, dataset]));
  expect(dollars['Alarms']).toBeCloseTo((2 * 15 + 2 + 5) * 0.1, 6);
  expect(dollars['Dashboard']).toBe(3);
  expect(dollars['Secret']).toBeCloseTo(0.4 + 2 * 1460 * 5e-6, 6);
});

test('the bytes of runs pass through a managed network for each project, and those of dispatch once', () => {
  const dollars = dollarsOf(managedNetworkCosts([dataset], deployment));
  const megabytes = 14_600 + 1460 + (14_600 * 8000) / 2 ** 20;
  expect(dollars['Data through it']).toBeCloseTo((megabytes / 1024) * 0.045, 6);
  expect(dollars['NAT gateway']).toBeCloseTo(730 * 0.045, 6);
});

test('a month of publications, by hand', () => {
  const dollars = dollarsOf(publicationCosts([dataset], deployment));
  // 730 executions of 4 tables, and two statements for each table in each of the 30.4 nights.
  const statements = 730 * 4 + (365 / 12) * 2 * 4;
  // Each byte is read when it is new and once at night, half a day of them in each of 24 comparisons, and three days of them by checks.
  expect(dollars['Athena']).toBeCloseTo(((14_600 * (1 + 12 + 1 + 3)) / 1024 ** 2) * 5, 6);
  expect(dollars['S3 requests']).toBeCloseTo(
    730 * (10 + 8) * 5e-6 + (29_200 + 14_600) * 4e-7 + 730 * 4 * 4 * 5e-6,
    6,
  );
  expect(dollars['S3 storage']).toBeCloseTo((14_600 / 1024) * 12 * 0.023, 6);
  expect(dollars['Step Functions']).toBeCloseTo((statements * 7 + 730 * 20) * 25e-6, 6);
  expect(dollars['Lambda']).toBeCloseTo((730 * 6 + 14_600 / 500) * 0.0000133334, 6);
  expect(dollars['Metrics']).toBeCloseTo(8 * 0.3, 6);
});

test('a publication of few rows pays the least of each statement', () => {
  const few = { ...dataset, project: { ...tick, bytes: 0 } };
  const [athena] = publicationCosts([few], deployment);
  expect(athena?.dollars).toBeCloseTo((((730 + 365 / 6) * 4 * 10) / 1024 ** 2) * 5, 6);
});
