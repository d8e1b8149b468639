import { afterEach, expect, test, vi } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const deployed = vi.hoisted((): { granularity?: string } => ({}));
// A deployment with another configuration does this to the functions.
vi.mock('../../../shared/config.ts', async (original) => {
  const real = await original<typeof import('../../../shared/config.ts')>();
  return {
    ...real,
    settingsFor: (dataset: never, config: never) => ({ ...real.settingsFor(dataset, config), ...deployed }),
  };
});

let scenario: Scenario;
afterEach(async () => {
  delete deployed.granularity;
  await scenario.close();
});

/** At PT5M one series lags by 45 minutes, and another has an hour of nulls that are filled 30 hours later. */
test.each([
  ['PT1M', ['PT1M']],
  ['PT1H, and back', ['PT1H', 'PT5M']],
])('late values of a former granularity are written once after a change to %s', async (_, changes) => {
  const filledFrom = T - 3 * HOUR;
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{}], databases: [], disks: ['data'] }] }],
    lateSeries: [{ measurement: 'DISK_PARTITION_IOPS_READ', lateByMs: 45 * MINUTE }],
    lateFills: [
      { measurement: 'DISK_QUEUE_DEPTH', from: filledFrom, to: filledFrom + HOUR, filledAt: T + 25 * HOUR },
    ],
  });
  const config = { datasets: { disk_measurements: { granularity: 'PT5M', backfill: 'PT1H' } } };
  scenario = await startScenario({ organisation, start: T, config });
  const only = ['disk_measurements'];
  for (let at = T - 3 * HOUR; at <= T; at += 20 * MINUTE) await scenario.tick(at, only);
  for (const granularity of changes) {
    deployed.granularity = granularity;
    const start = T + changes.indexOf(granularity) * 2 * HOUR;
    for (let at = start + 20 * MINUTE; at <= start + 2 * HOUR; at += 20 * MINUTE)
      await scenario.tick(at, only);
  }
  for (let at = T + 40 * HOUR; at <= T + 46 * HOUR; at += 20 * MINUTE) await scenario.tick(at, only);
  const rows = await tableRows(scenario.bucket, 'disk_measurements');
  const stamps = (measurement: string, from: number, to: number) =>
    rows
      .filter((row) => row['measurement'] === measurement && row['granularity'] === 'PT5M')
      .map((row) => String(row['ts']))
      .filter((ts) => ts >= lakeTime(from) && ts < lakeTime(to))
      .sort();
  const others = stamps('DISK_PARTITION_IOPS_WRITE', T - HOUR, T);
  expect(stamps('DISK_PARTITION_IOPS_READ', T - HOUR, T)).toEqual(others);
  expect(stamps('DISK_QUEUE_DEPTH', filledFrom, filledFrom + HOUR)).toHaveLength(12);
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});
