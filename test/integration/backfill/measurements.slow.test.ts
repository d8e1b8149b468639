import { afterEach, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import {
  createOrganisation,
  type Organisation,
  type OrganisationOptions,
} from '../../../simulator/organisation.ts';
import { deleteObjects, verified } from '../../support/backfilled-lake.ts';
import { compare, DISKS, expectedRows, fineDataStart, targetsOf } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { lakeFiles, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

/** Midnight. */
const DAY_START = T - 12 * HOUR;
const NAME = 'disk_measurements';
const PERIOD = { from: DAY_START, to: DAY_START + DAY };
const GOOD = { missing: [], unexpected: [], twice: [] };

let scenario: Scenario;
afterEach(() => scenario.close());

function small(more: Partial<OrganisationOptions> = {}): Organisation {
  const cluster = { name: 'c', nodes: [{}], databases: [], disks: ['data', 'journal'] };
  return createOrganisation({ projects: [{ name: 'p', clusters: [cluster] }], ...more });
}

/** Starts a collector without a lookback at its first tick. */
async function start(organisation: Organisation, at: number, settings = {}): Promise<void> {
  const config = { datasets: { [NAME]: { backfill: 'PT0S', ...settings } } };
  scenario = await startScenario({ organisation, start: at, config });
}

/** Runs a tick in each hour, from an instant up to another. */
async function collect(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += HOUR) await scenario.tick(at, [NAME]);
}

interface Span {
  granularity: 'PT1M' | 'PT1H';
  from: number;
  to: number;
  readAt: number;
}

const expectedOf = (organisation: Organisation, spans: readonly Span[]) =>
  spans.flatMap((span) =>
    targetsOf(organisation, DISKS).flatMap((one) => expectedRows(organisation, one, span)),
  );

const settledAt = (tick: number) => Math.floor((tick - DISKS.settle) / MINUTE) * MINUTE;

test('deleted objects are read again, each row once, and the lake is intact', async () => {
  const organisation = small();
  const first = DAY_START - 6 * HOUR;
  await start(organisation, first);
  await collect(first, DAY_START + 30 * HOUR);
  const before = await tableRows(scenario.bucket, NAME);
  const deleted = await deleteObjects(
    scenario.bucket,
    NAME,
    (key, index) => key.includes('dt=2026-03-02') && index % 3 !== 0,
  );
  const lost = before.length - (await tableRows(scenario.bucket, NAME)).length;
  expect(lost).toBeGreaterThan(10_000);
  const dry = await scenario.backfill(NAME, PERIOD, { isDryRun: true });
  expect(dry).toMatchObject([{ findings: { absent: lost }, replacedObjects: 0 }]);
  expect(await tableRows(scenario.bucket, NAME)).toHaveLength(before.length - lost);
  const findings = { absent: lost, covered: 0, losses: [], unread: 0 };
  expect(await scenario.backfill(NAME, PERIOD)).toMatchObject([
    { failures: [], replacedObjects: deleted, findings },
  ]);
  const files = await lakeFiles(scenario.bucket);
  expect(await scenario.backfill(NAME, PERIOD)).toMatchObject([{ findings: { absent: 0 } }]);
  expect(await lakeFiles(scenario.bucket)).toEqual(files);
  const last = DAY_START + 54 * HOUR;
  await collect(DAY_START + 31 * HOUR, last);
  const span: Span = {
    granularity: 'PT1M',
    from: settledAt(first + DISKS.settle),
    to: settledAt(last),
    readAt: last,
  };
  const rows = await tableRows(scenario.bucket, NAME);
  expect(compare(rows, expectedOf(organisation, [span]))).toMatchObject(GOOD);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
  expect(await verified(scenario, last)).toMatchObject({ findings: [], checked: { replaced: deleted } });
});

test('a value that a backfill finds is not written again by the final check of a later run', async () => {
  const lateFrom = DAY_START + 2 * HOUR;
  const filledAt = DAY_START + 20 * HOUR;
  const organisation = small({
    lateFills: [{ measurement: 'DISK_QUEUE_DEPTH', from: lateFrom, to: lateFrom + HOUR, filledAt }],
    lateSeries: [{ measurement: 'DISK_PARTITION_IOPS_READ', lateByMs: 45 * MINUTE }],
  });
  await start(organisation, DAY_START);
  await collect(DAY_START, DAY_START + 24 * HOUR);
  const late = async () =>
    (await tableRows(scenario.bucket, NAME)).filter(
      ({ measurement, ts }) =>
        measurement === 'DISK_QUEUE_DEPTH' &&
        String(ts) >= lakeTime(lateFrom) &&
        String(ts) < lakeTime(lateFrom + HOUR),
    ).length;
  expect(await late()).toBe(0);
  await scenario.backfill(NAME, { from: DAY_START, to: DAY_START + 12 * HOUR });
  expect(await late()).toBe(2 * 60);
  const last = DAY_START + 54 * HOUR;
  await collect(DAY_START + 25 * HOUR, last);
  const span: Span = {
    granularity: 'PT1M',
    from: settledAt(DAY_START + DISKS.settle),
    to: settledAt(last),
    readAt: last,
  };
  expect(compare(await tableRows(scenario.bucket, NAME), expectedOf(organisation, [span]))).toMatchObject(
    GOOD,
  );
});

test('time before the first run is read at the granularity that Atlas still has, and never at two', async () => {
  const organisation = small();
  await start(organisation, DAY_START + 12 * HOUR);
  await collect(DAY_START + 12 * HOUR, DAY_START + 13 * HOUR);
  const from = DAY_START - 3 * DAY;
  const firstRead = settledAt(DAY_START + 12 * HOUR);
  const fine = fineDataStart(DAY_START + 13 * HOUR);
  await scenario.backfill(NAME, { from, to: DAY_START + 13 * HOUR });
  const readAt = DAY_START + 13 * HOUR;
  const spans: Span[] = [
    { granularity: 'PT1H', from, to: fine, readAt },
    { granularity: 'PT1M', from: fine, to: settledAt(readAt), readAt },
  ];
  const expected = expectedOf(organisation, spans);
  expect(compare(await tableRows(scenario.bucket, NAME), expected)).toMatchObject(GOOD);
  expect(firstRead).toBeLessThan(readAt);
  // The border between the granularities has moved.
  for (const hours of [5, 40]) {
    const now = readAt + hours * HOUR;
    const [again] = await scenario.backfill(NAME, { from, to: DAY_START + 12 * HOUR }, { now });
    expect(again?.findings.absent).toBe(0);
    expect(again?.findings.covered).toBeGreaterThan(0);
  }
  expect(compare(await tableRows(scenario.bucket, NAME), expected)).toMatchObject(GOOD);
});

test('values that are gone at the fine granularity are read as hours where no finer value of the hour is left', async () => {
  const organisation = small();
  await start(organisation, DAY_START);
  await collect(DAY_START, DAY_START + 26 * HOUR);
  await deleteObjects(scenario.bucket, NAME, (key) => key.includes('dt=2026-03-02'));
  const now = DAY_START + 5 * DAY;
  await scenario.backfill(NAME, PERIOD, { now });
  const rows = (await tableRows(scenario.bucket, NAME)).filter(
    ({ ts }) => String(ts) < lakeTime(DAY_START + DAY),
  );
  const span: Span = { granularity: 'PT1H', from: DAY_START, to: DAY_START + DAY, readAt: now };
  expect(compare(rows, expectedOf(organisation, [span]))).toMatchObject(GOOD);
});

test('a collector that starts again after days writes no hour that a backfill wrote before', async () => {
  await start(small(), DAY_START);
  await collect(DAY_START, DAY_START + 11 * HOUR);
  await deleteObjects(scenario.bucket, NAME);
  const now = DAY_START + 4 * DAY;
  const [result] = await scenario.backfill(NAME, PERIOD, { now });
  expect(result?.findings.absent).toBeGreaterThan(0);
  await scenario.tick(now + 20 * MINUTE, [NAME]);
  const hours = (await tableRows(scenario.bucket, NAME)).filter(
    ({ granularity, ts }) => granularity === 'PT1H' && String(ts) < lakeTime(DAY_START + DAY),
  );
  // The hour that the collector had begun is left to it.
  const span: Span = { granularity: 'PT1H', from: DAY_START, to: DAY_START + DAY, readAt: now };
  expect(compare(hours, expectedOf(small(), [span]))).toMatchObject(GOOD);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
});

test('a collector that runs meanwhile and a backfill write each value once', async () => {
  const organisation = small();
  await start(organisation, DAY_START);
  await collect(DAY_START, DAY_START + 24 * HOUR);
  await deleteObjects(scenario.bucket, NAME, (_, index) => index % 2 === 0);
  const at = DAY_START + 24 * HOUR + 20 * MINUTE;
  await Promise.all([
    scenario.backfill(NAME, PERIOD),
    scenario.tick(at, [NAME]),
    scenario.backfill(NAME, { from: DAY_START, to: DAY_START + 12 * HOUR }),
  ]);
  const last = at + 4 * HOUR;
  await collect(at + 20 * MINUTE, last);
  // The end of the day was not collected yet.
  await scenario.backfill(NAME, PERIOD);
  const rows = (await tableRows(scenario.bucket, NAME)).filter(
    ({ ts }) => String(ts) < lakeTime(DAY_START + DAY),
  );
  const from = settledAt(DAY_START + DISKS.settle);
  const span: Span = { granularity: 'PT1M', from, to: DAY_START + DAY, readAt: last };
  expect(compare(rows, expectedOf(organisation, [span]))).toMatchObject(GOOD);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
});

test('a configuration with another granularity is refused before anything is written', async () => {
  await start(small(), DAY_START);
  await collect(DAY_START, DAY_START + 2 * HOUR);
  const files = await lakeFiles(scenario.bucket);
  const config = { datasets: { [NAME]: { granularity: 'PT5M' } } };
  const period = { from: DAY_START, to: DAY_START + HOUR };
  await expect(scenario.backfill(NAME, period, { config })).rejects.toThrow(
    'the configuration has the granularity PT5M, and PT1M was collected last: use the configuration of the collector (--config FILE)',
  );
  expect(await lakeFiles(scenario.bucket)).toEqual(files);
  // The lease is free again.
  expect(await scenario.tick(DAY_START + 2 * HOUR + 20 * MINUTE, [NAME])).toMatchObject([
    { outcome: 'complete' },
  ]);
});
