import { expect, test } from 'vitest';
import { total } from '../../bench/cost/cost.ts';
import { datasetCosts, tickSeconds } from '../../bench/cost/dataset-costs.ts';
import { publicationCosts } from '../../bench/cost/publication-costs.ts';
import { sharedCosts } from '../../bench/cost/shared-costs.ts';
import type { DatasetUsage } from '../../bench/cost/usage.ts';

/** Ten projects at one core's memory, half an hour between ticks: 14,600 ticks a month of 730 hours. */
const deployment = {
  projects: 10,
  memoryMegabytes: 1769,
  alarms: 9,
  metricsPerDataset: 10,
  monthsKept: 12,
  queriesPerDay: 1,
  daysPerQuery: 30,
  tables: 4,
  publicationsPerDay: 24,
};

const dataset: DatasetUsage = {
  name: 'any',
  everyMinutes: 30,
  tick: {
    runs: 1,
    requests: 20,
    rows: 100_000,
    objects: 2,
    bytes: 1024 ** 2,
    records: 1,
    recordBytes: 1024 ** 2,
    recordChecks: 10,
    writeUnits: 100,
    readUnits: 10,
    logBytes: 2 ** 20,
  },
};

test('a tick takes its start, its requests six at a time, and its rows', () => {
  expect(tickSeconds(dataset.tick, 1769)).toBeCloseTo(1 + (20 * 0.3) / 6 + 1, 9);
  // A quarter of a core.
  expect(tickSeconds(dataset.tick, 1769 / 4)).toBeCloseTo(1 + 1 + 4, 9);
  // More than one core does not help.
  expect(tickSeconds(dataset.tick, 4 * 1769)).toBeCloseTo(3, 9);
});

test('a month of a dataset, by hand', () => {
  const dollars = Object.fromEntries(
    datasetCosts(dataset, deployment).map((cost) => [cost.item, cost.dollars]),
  );
  expect(dollars['Lambda']).toBeCloseTo(
    (14_600 + 1460) * 0.2e-6 + 14_600 * 3 * (1769 / 1024) * 0.0000133334,
    6,
  );
  expect(dollars['DynamoDB']).toBeCloseTo(1.46 * 0.625 + (0.146 + 0.0146) * 0.125, 6);
  expect(dollars['S3 requests']).toBeCloseTo((29.2 + 14.6 + 1.46) * 0.005 + 146 * 0.0004, 6);
  expect(dollars['S3 storage']).toBeCloseTo(2 * (14_600 / 1024) * 12 * 0.023, 6);
  expect(dollars['SQS']).toBeCloseTo((14_600 * 2.1 + 5 * 3 * 60 * 730) * 0.5e-6, 6);
  expect(dollars['Logs']).toBeCloseTo((14_600 / 1024) * 0.53, 6);
  expect(dollars['Metrics and schedule']).toBeCloseTo(3 + 1460e-6, 6);
});

test('queries read what was written in their days, of every dataset', () => {
  const costs = sharedCosts([dataset, dataset], deployment);
  const days = 365 / 12;
  // 480 MB a day of each, in two files of each table and day.
  const scanned = days * 30 * 2 * 480 * 1024 ** 2;
  const gets = days * 30 * 4 * 2;
  expect(total(costs)).toBeCloseTo(
    (scanned / 1024 ** 4) * 5 + (gets / 1000) * 0.0004 + 9 * 0.1 + 3 + 0.4 + 2 * 1460 * 5e-6,
    6,
  );
});

test('a month of publications, by hand', () => {
  const dollars = Object.fromEntries(
    publicationCosts([dataset], deployment).map((cost) => [cost.item, cost.dollars]),
  );
  // 730 executions of 4 tables, and two statements for each table in each of the 30.4 nights.
  const statements = 730 * 4 + (365 / 12) * 2 * 4;
  // Each byte is read when it is new and once at night, and half a day of them in each of 24 comparisons.
  expect(dollars['Athena']).toBeCloseTo(((14_600 * (1 + 12 + 1)) / 1024 ** 2) * 5, 6);
  expect(dollars['S3 requests']).toBeCloseTo(
    730 * (10 + 8) * 5e-6 + (29_200 + 14_600) * 4e-7 + 730 * 4 * 4 * 5e-6,
    6,
  );
  expect(dollars['S3 storage']).toBeCloseTo((14_600 / 1024) * 12 * 0.023, 6);
  expect(dollars['Step Functions']).toBeCloseTo((statements * 7 + 730 * 20) * 25e-6, 6);
  expect(dollars['Lambda']).toBeCloseTo((730 * 6 + 14_600 / 500) * 0.0000133334, 6);
});

test('a publication of few rows pays the least of each statement', () => {
  const few = { ...dataset, tick: { ...dataset.tick, bytes: 1 } };
  const [athena] = publicationCosts([few], deployment);
  expect(athena?.dollars).toBeCloseTo((((730 + 365 / 6) * 4 * 10) / 1024 ** 2) * 5, 6);
});
