import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import type { Granularity } from '../../../simulator/series.ts';
import {
  compare,
  DATABASES,
  DISKS,
  exactly,
  expectedOf,
  expectedRows,
  fineDataStart,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { MEASUREMENTS, type Scenario, startScenario } from '../../support/scenario.ts';
import { instantOf, lakeTime, T } from '../../support/times.ts';

const TICK = 20 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

/** Returns the ticks from one time to another, both included. */
async function ticks(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += TICK) await scenario.tick(at, MEASUREMENTS);
}

const small = {
  projects: [
    {
      name: 'small',
      clusters: [
        { name: 'one', nodes: [{}, { offset: 32_000 }], databases: ['orders', 'stock'], disks: ['data'] },
      ],
    },
  ],
};

describe('the lake contains exactly the expected rows', () => {
  test('of the default organisation, over three hours', async () => {
    const organisation = createOrganisation();
    scenario = await startScenario({ organisation, start: T });
    await ticks(T, T + 3 * HOUR);
    for (const kind of [DATABASES, DISKS]) {
      const expected = expectedOf(organisation, kind, { first: T, last: T + 3 * HOUR });
      expect(expected.length).toBeGreaterThan(10_000);
      expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
    }
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('and no more rows in any table after the same tick again', async () => {
    const organisation = createOrganisation(small);
    scenario = await startScenario({ organisation, start: T });
    await ticks(T, T + HOUR);
    const tables = [DATABASES.table, DISKS.table, 'collection_runs', 'collection_gaps'];
    const count = async () =>
      Promise.all(tables.map(async (table) => (await tableRows(scenario.bucket, table)).length));
    const before = await count();
    await scenario.restart();
    const again = await scenario.tick(T + HOUR, MEASUREMENTS);
    expect(await count()).toEqual(before);
    expect(again.map(({ rows, outcome }) => [rows, outcome])).toEqual([
      [0, 'complete'],
      [0, 'complete'],
    ]);
  });
});

describe('late values are written once', () => {
  const { projects } = createOrganisation(small);
  const processId = projects[0]?.processes[0]?.id ?? '';

  test('of a series that lags by an hour', async () => {
    const organisation = createOrganisation({
      ...small,
      lateSeries: [
        { measurement: 'DATABASE_DATA_SIZE', processId, lateByMs: HOUR },
        { measurement: 'DISK_PARTITION_IOPS_READ', processId, lateByMs: HOUR },
      ],
    });
    scenario = await startScenario({ organisation, start: T });
    await ticks(T, T + 4 * HOUR);
    for (const kind of [DATABASES, DISKS]) {
      const expected = expectedOf(organisation, kind, { first: T, last: T + 4 * HOUR });
      expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
    }
  });

  test('of a null that is filled forty hours later, and of a series that was missing in the first run', async () => {
    const orders = targetsOf(createOrganisation(small), DATABASES)[0];
    if (!orders || !('databaseName' in orders)) throw new Error('no database');
    // The first sample of the database after the first run.
    const stamp = expectedStamp(T + 10 * MINUTE);
    const organisation = createOrganisation({
      ...small,
      lateFills: [
        {
          ...orders,
          measurement: 'DATABASE_INDEX_SIZE',
          from: stamp,
          to: stamp + 1,
          filledAt: stamp + 40 * HOUR,
        },
      ],
      missingSeries: [
        { measurement: 'DATABASE_VIEW_COUNT', processId: orders.processId, until: T + 2 * HOUR },
        { measurement: 'DISK_QUEUE_DEPTH', processId: orders.processId, until: T + 2 * HOUR },
      ],
    });
    scenario = await startScenario({ organisation, start: T });
    const end = T + 49 * HOUR;
    await ticks(T, end);
    const ofMissing = (id: string) =>
      id.includes(`"${orders.processId}"`) &&
      (id.includes('DATABASE_VIEW_COUNT') || id.includes('DISK_QUEUE_DEPTH'));
    // Atlas drops it within a second of the first request for the series, so it may be there or not.
    const atLimit = (id: string) => ofMissing(id) && id.includes(`"${lakeTime(T - 46 * HOUR)}"`);
    for (const kind of [DATABASES, DISKS]) {
      // Hours are read once, so a series that was missing then has none.
      const late = (id: string) => ofMissing(id) && id.includes('"PT1H"');
      // Values of the missing series that Atlas dropped before the first final check are not required.
      const expected = expectedOf(organisation, kind, { first: T, last: end }).filter(
        (id) => !late(id) && !atLimit(id),
      );
      const rows = (await tableRows(scenario.bucket, kind.table)).filter(
        (row) => !atLimit(JSON.stringify(row)),
      );
      expect(compare(rows, expected)).toEqual(exactly(expected));
    }
    const filled = (await tableRows(scenario.bucket, 'database_measurements')).filter(
      (row) =>
        row['measurement'] === 'DATABASE_INDEX_SIZE' &&
        row['process_id'] === orders.processId &&
        row['database_name'] === orders.databaseName &&
        row['ts'] === lakeTime(stamp),
    );
    expect(filled).toHaveLength(1);
  });

  function expectedStamp(after: number): number {
    const organisation = createOrganisation(small);
    const [target] = targetsOf(organisation, DATABASES);
    if (!target) throw new Error('no target');
    const [first] = expectedRows(organisation, target, {
      granularity: 'PT5M',
      from: after,
      to: after + HOUR,
      readAt: Number.POSITIVE_INFINITY,
    });
    return instantOf(JSON.parse(first ?? '{}').ts);
  }
});

describe('after an outage', () => {
  test('of three days the last 48 hours are fine, the time before is PT1H, and there is no gap', async () => {
    const organisation = createOrganisation(small);
    scenario = await startScenario({ organisation, start: T });
    await scenario.tick(T, MEASUREMENTS);
    const back = T + 3 * DAY + 5 * MINUTE;
    await scenario.tick(back, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      const watermark = settledAt(kind, T);
      const hours = Math.floor(watermark / HOUR) * HOUR;
      const expected = [
        ...expectedOf(organisation, kind, { first: T, last: T }),
        ...targetsOf(organisation, kind).flatMap((target) => [
          ...expectedRows(organisation, target, {
            granularity: 'PT1H',
            from: hours,
            to: fineDataStart(back),
            readAt: back,
          }),
          ...expectedRows(organisation, target, {
            granularity: kind.granularity,
            from: fineDataStart(back),
            to: settledAt(kind, back),
            readAt: back,
          }),
        ]),
      ];
      expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
    }
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('of three days is followed by a backfill of a removed host with what Atlas still has', async () => {
    const left = T + 3 * DAY - HOUR;
    const host = { listedUntil: left, afterUnlisted: 'readable' as const };
    const organisation = createOrganisation({
      projects: [{ name: 'small', clusters: [{ name: 'one', nodes: [{}, host], databases: ['orders'] }] }],
    });
    scenario = await startScenario({ organisation, start: T });
    await scenario.tick(T, MEASUREMENTS);
    const back = T + 3 * DAY + 5 * MINUTE;
    await scenario.tick(back, MEASUREMENTS);
    // Its last values are final when there have been no later ones for six hours.
    await scenario.tick(back + 7 * HOUR, MEASUREMENTS);
    const processId = organisation.projects[0]?.processes[1]?.id;
    for (const kind of [DATABASES, DISKS]) {
      const ofHost = targetsOf(organisation, kind).filter((target) => target.processId === processId);
      const expected = ofHost.flatMap((target) => [
        ...expectedRows(organisation, target, {
          granularity: 'PT1H',
          from: Math.floor(settledAt(kind, T) / HOUR) * HOUR,
          to: fineDataStart(back),
          readAt: back,
        }),
        ...expectedRows(organisation, target, {
          granularity: kind.granularity,
          from: fineDataStart(back),
          to: left,
          readAt: back,
        }),
      ]);
      const after = (await tableRows(scenario.bucket, kind.table)).filter(
        (row) => row['process_id'] === processId && instantOf(row['collected_at']) >= back,
      );
      expect(expected.length).toBeGreaterThan(1_000);
      expect(compare(after, expected)).toEqual(exactly(expected));
    }
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('of seventy days the oldest part is P1D', async () => {
    const organisation = createOrganisation(small);
    scenario = await startScenario({ organisation, start: T });
    await scenario.tick(T, MEASUREMENTS);
    const back = T + 70 * DAY + 5 * MINUTE;
    await scenario.tick(back, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      const days = Math.floor(settledAt(kind, T) / DAY) * DAY;
      // Atlas keeps hours for 63 days. Series that are rates also need the hour before the first one.
      const firstHour = Math.ceil((back - 63 * DAY + 65 * MINUTE) / DAY) * DAY;
      const expected = [
        ...expectedOf(organisation, kind, { first: T, last: T }),
        ...targetsOf(organisation, kind).flatMap((target) => {
          const part = (granularity: Granularity, from: number, to: number) =>
            expectedRows(organisation, target, { granularity, from, to, readAt: back });
          return [
            ...part('P1D', days, firstHour),
            ...part('PT1H', firstHour, fineDataStart(back)),
            ...part(kind.granularity, fineDataStart(back), settledAt(kind, back)),
          ];
        }),
      ];
      expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
    }
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });
});
