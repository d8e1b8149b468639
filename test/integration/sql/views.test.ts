import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { AnyRow, Table } from '../../../shared/lake/table.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import {
  accessLogs,
  alertRow,
  alerts,
  collectionGaps,
  collectionRuns,
  databaseRow,
  databaseTable,
  day,
  diskRow,
  diskTable,
  filledGaps,
  filledRow,
  gapRow,
  loginRow,
  PROJECT,
  rankedNamespaces,
  rankRow,
  runRow,
} from '../../support/written-rows.ts';

/** A Monday. */
const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

/** Returns a pseudo-random value that depends only on the seed. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** Writes rows in several batches and out of order, like several days of collection. */
async function scatter(table: Table, rows: readonly AnyRow[]): Promise<void> {
  for (let part = 2; part >= 0; part -= 1) {
    await lake.write({ table, rows: rows.filter((_, index) => index % 3 === part) });
  }
}

test('latest_measurements returns the newest value of each series from every measurement table', async () => {
  const disks = Array.from({ length: 200 }, (_, index) =>
    diskRow({
      measurement: index % 2 === 0 ? 'DISK_QUEUE_DEPTH' : 'DISK_PARTITION_SPACE_USED',
      partition_name: index % 3 === 0 ? 'data' : 'log',
      ts: START + Math.floor(noise(index) * 5 * DAY),
      value: noise(index + 1000),
    }),
  );
  const databases = [1, 2, 3].map((index) =>
    databaseRow({
      measurement: 'DATABASE_DATA_SIZE',
      database_name: 'shop',
      ts: START + index * HOUR,
      value: index,
    }),
  );
  const silent = databaseRow({
    measurement: 'DATABASE_DATA_SIZE',
    database_name: 'dropped',
    ts: START - 30 * DAY,
    value: 1,
  });
  await scatter(diskTable, disks);
  await scatter(databaseTable, [...databases, silent]);

  const newest = new Map<string, AnyRow>();
  for (const row of [...disks, ...databases]) {
    const series = `${row['partition_name'] ?? row['database_name']}/${row['measurement']}`;
    if ((newest.get(series)?.ts ?? 0) < row.ts) newest.set(series, row);
  }
  const expected = [...newest.values()].map((row) => ({
    dt: day(row.ts),
    table_name: row['database_name'] === undefined ? 'disk_measurements' : 'database_measurements',
    target: row['partition_name'] ?? row['database_name'],
    measurement: row['measurement'],
    ts: lakeTime(row.ts),
    value: row['value'],
  }));
  expect(expected).toHaveLength(5);
  const found = await lake.ask(
    'SELECT dt, table_name, target, measurement, ts, value FROM latest_measurements',
  );
  expect(sorted(found)).toEqual(sorted(expected));
});

test('hourly_measurements returns minimum, maximum, mean and last value of each hour and excludes P1D values', async () => {
  const rows = Array.from({ length: 300 }, (_, index) =>
    diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: START + index * MINUTE + 32_000, value: noise(index) }),
  );
  const wholeDay = diskRow({ measurement: 'DISK_QUEUE_DEPTH', granularity: 'P1D', ts: START, value: 99 });
  await scatter(diskTable, [...rows, wholeDay]);
  const expected = [0, 1, 2, 3, 4].map((hour) => {
    const values = Array.from({ length: 60 }, (_, minute) => noise(hour * 60 + minute));
    return {
      hour: lakeTime(START + hour * HOUR),
      points: 60,
      min_value: Math.min(...values),
      max_value: Math.max(...values),
      avg_value: expect.closeTo(values.reduce((sum, value) => sum + value, 0) / 60, 9),
      last_value: values[59],
    };
  });
  const found = await lake.ask(
    'SELECT hour, points, min_value, max_value, avg_value, last_value FROM hourly_measurements ORDER BY hour',
  );
  expect(found).toEqual(expected);
});

test('disk_forecast fits a line through the last 14 days by least squares', async () => {
  const end = START + 20 * DAY + 7 * HOUR;
  const hours = Array.from({ length: 20 * 24 + 8 }, (_, hour) => START + hour * HOUR);
  // Values before the 14 days grow at another rate and must not count.
  const used = (ts: number) =>
    40e9 + (ts < START + 5 * DAY ? 30e9 : ((ts - START) / DAY) * 1.2e9 + noise(ts / HOUR) * 5e8);
  const space = (partition: string, value: (ts: number) => number, times: readonly number[]) =>
    times.flatMap((ts) => [
      diskRow({ measurement: 'DISK_PARTITION_SPACE_USED', partition_name: partition, ts, value: value(ts) }),
      diskRow({
        measurement: 'DISK_PARTITION_SPACE_FREE',
        partition_name: partition,
        ts,
        value: 100e9 - value(ts),
      }),
    ]);
  await scatter(diskTable, [
    ...space('data', used, hours),
    ...space('shrinks', (ts) => 50e9 - ((ts - START) / DAY) * 1e9, hours),
    ...space('young', () => 1e9, [end - 3 * HOUR, end]),
  ]);

  const fitted = hours.filter((ts) => day(ts) >= day(end - 14 * DAY));
  const slope = leastSquares(fitted.map((ts) => [ts / DAY, used(ts)]));
  const free = 100e9 - used(end);
  const found = await lake.ask('SELECT * FROM disk_forecast ORDER BY partition_name');
  expect(found).toEqual([
    expect.objectContaining({
      dt: day(end),
      cluster_name: 'orders',
      partition_name: 'data',
      ts: lakeTime(end),
      used_bytes: used(end),
      free_bytes: free,
      used_percent: expect.closeTo(used(end) / 1e9, 9),
      fitted_days: expect.closeTo((end - (fitted[0] ?? 0)) / DAY, 9),
      growth_bytes_per_day: expect.closeTo(slope, -2),
      days_until_full: expect.closeTo(free / slope, 4),
      full_at: expect.stringContaining(lakeTime(end + (free / slope) * DAY).slice(0, 15)),
    }),
    expect.objectContaining({
      partition_name: 'shrinks',
      growth_bytes_per_day: expect.closeTo(-1e9, 0),
      days_until_full: null,
      full_at: null,
    }),
    expect.objectContaining({
      partition_name: 'young',
      fitted_days: expect.closeTo(0.125, 9),
      growth_bytes_per_day: null,
      days_until_full: null,
    }),
  ]);
});

/** Returns the least-squares slope of points, computed by definition. */
function leastSquares(points: ReadonlyArray<readonly [number, number]>): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

test('database_growth_daily and _weekly return last values and their growth since the previous period', async () => {
  const size = (ts: number) => 1e9 + Math.floor(noise(ts / MINUTE) * 1e8) + (ts - START) / 1000;
  const times = Array.from({ length: 16 * 24 * 3 }, (_, index) => START + index * 20 * MINUTE + 5 * MINUTE)
    // One day has no value, so the growth of the next day is null.
    .filter((ts) => day(ts) !== '2026-03-10');
  await scatter(
    databaseTable,
    times.flatMap((ts) => [
      databaseRow({ measurement: 'DATABASE_DATA_SIZE', database_name: 'shop', ts, value: size(ts) }),
      databaseRow({ measurement: 'DATABASE_OBJECT_COUNT', database_name: 'shop', ts, value: size(ts) * 2 }),
    ]),
  );
  const lastOf = (from: number, days: number) => {
    const its = times.filter((ts) => ts >= from && ts < from + days * DAY);
    const last = its.at(-1);
    return last === undefined ? null : size(last);
  };
  const expectedOf = (days: number, count: number) =>
    Array.from({ length: count }, (_, index) => START + index * days * DAY).flatMap((from) => {
      const last = lastOf(from, days);
      if (last === null) return [];
      const before = lastOf(from - days * DAY, days);
      return [
        {
          dt: day(from),
          data_bytes: last,
          data_bytes_growth: before === null ? null : last - before,
          objects: last * 2,
          objects_growth: before === null ? null : (last - before) * 2,
          index_bytes: null,
        },
      ];
    });
  const columns = 'dt, data_bytes, data_bytes_growth, objects, objects_growth, index_bytes';
  expect(await lake.ask(`SELECT ${columns} FROM database_growth_daily ORDER BY dt`)).toEqual(
    expectedOf(1, 16),
  );
  expect(await lake.ask(`SELECT ${columns} FROM database_growth_weekly ORDER BY dt`)).toEqual(
    expectedOf(7, 3),
  );
});

test('failed_logins counts failures by day, user, address and reason and ignores successes', async () => {
  const users = ['app', null, 'root'];
  const rows = Array.from({ length: 400 }, (_, index) => {
    const failed = noise(index) < 0.4;
    return loginRow({
      ts: START + Math.floor(noise(index + 7) * 3 * DAY),
      record_id: String(index),
      auth_result: failed ? false : noise(index) < 0.95 ? true : null,
      failure_reason: failed ? 'AuthenticationFailed' : null,
      username: users[index % 3] ?? null,
      ip_address: `192.0.2.${index % 2}`,
      hostname: `${index % 5}.example.net`,
    });
  });
  await scatter(accessLogs, rows);
  const groups = new Map<string, typeof rows>();
  for (const row of rows.filter(({ auth_result }) => auth_result === false)) {
    const key = JSON.stringify([day(row.ts), row.username, row.ip_address]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const expected = [...groups].map(([key, its]) => {
    const [dt, username, ip_address] = JSON.parse(key);
    const times = its.map(({ ts }) => ts).sort((a, b) => a - b);
    return {
      ...{ dt, username, ip_address, failure_reason: 'AuthenticationFailed', attempts: its.length },
      hosts: new Set(its.map(({ hostname }) => hostname)).size,
      first_seen: lakeTime(times[0] ?? 0),
      last_seen: lakeTime(times.at(-1) ?? 0),
    };
  });
  expect(expected).toHaveLength(18);
  const found = await lake.ask(
    'SELECT dt, username, ip_address, failure_reason, attempts, hosts, first_seen, last_seen FROM failed_logins',
  );
  expect(sorted(found)).toEqual(sorted(expected));
});

test('alert_incidents returns one row from opening to end, whatever changes were observed in between', async () => {
  const at = (minutes: number) => START + 23 * HOUR + minutes * MINUTE;
  const life = (alert_id: string, changes: ReadonlyArray<[string, string, number, string?]>) =>
    changes.map(([change, status, minutes, by]) =>
      alertRow({
        alert_id,
        change,
        status,
        created: at(0),
        ts: at(minutes),
        acknowledging_username: by ?? null,
      }),
    );
  await scatter(alerts, [
    ...life('closed', [
      ['opened', 'OPEN', 0],
      ['acknowledged', 'OPEN', 12, 'ann'],
      ['unacknowledged', 'OPEN', 20],
      ['acknowledged', 'OPEN', 30, 'bob'],
      ['closed', 'CLOSED', 90],
    ]),
    ...life('open', [['opened', 'OPEN', 0]]),
    ...life('cancelled', [
      ['opened', 'TRACKING', 0],
      ['updated', 'OPEN', 5],
      ['cancelled', 'CANCELLED', 45],
    ]),
  ]);
  const common = { dt: '2026-03-02', opened: lakeTime(at(0)), cluster_name: 'orders' };
  const unacknowledged = { acknowledged: null, acknowledged_by: null, seconds_to_acknowledge: null };
  const found = await lake.ask(
    'SELECT alert_id, status, dt, opened, cluster_name, acknowledged, acknowledged_by, closed, seconds_to_acknowledge, seconds_to_resolve, changes FROM alert_incidents ORDER BY alert_id',
  );
  expect(found).toEqual([
    {
      ...common,
      ...unacknowledged,
      ...{
        alert_id: 'cancelled',
        status: 'CANCELLED',
        closed: lakeTime(at(45)),
        seconds_to_resolve: 45 * 60,
        changes: 3,
      },
    },
    {
      ...common,
      ...{
        alert_id: 'closed',
        status: 'CLOSED',
        closed: lakeTime(at(90)),
        seconds_to_resolve: 90 * 60,
        changes: 5,
      },
      ...{ acknowledged: lakeTime(at(12)), acknowledged_by: 'ann', seconds_to_acknowledge: 12 * 60 },
    },
    {
      ...common,
      ...unacknowledged,
      ...{ alert_id: 'open', status: 'OPEN', closed: null, seconds_to_resolve: null, changes: 1 },
    },
  ]);
});

test('hottest_namespaces derives daily ranks from hourly ranks and shows how they moved', async () => {
  const hours: ReadonlyArray<[number, readonly string[]]> = [
    [22, ['orders', 'carts', 'users']],
    [23, ['carts', 'orders', 'users']],
    [24, ['users', 'orders', 'events.raw']],
    [25, ['users', 'carts']],
  ];
  await scatter(
    rankedNamespaces,
    hours.flatMap(([hour, collections]) =>
      collections.map((collection, index) =>
        rankRow({ ts: START + hour * HOUR, rank: index + 1, database: 'shop', collection }),
      ),
    ),
  );
  const row = (
    dt: string,
    day_rank: number,
    namespace: string,
    previous_rank: number | null,
    heat: number,
    hours: number,
    best_rank: number,
  ) => ({
    ...{ dt, day_rank, namespace: `shop.${namespace}`, previous_rank },
    ...{ movement: previous_rank === null ? null : previous_rank - day_rank, heat, hours, best_rank },
  });
  const found = await lake.ask(
    'SELECT dt, day_rank, namespace, previous_rank, movement, heat, hours, best_rank FROM hottest_namespaces ORDER BY dt, day_rank',
  );
  expect(found).toEqual([
    row('2026-03-02', 1, 'carts', null, 1.5, 2, 1),
    row('2026-03-02', 2, 'orders', null, 1.5, 2, 1),
    row('2026-03-02', 3, 'users', null, 0.666667, 2, 3),
    row('2026-03-03', 1, 'users', 3, 2, 2, 1),
    row('2026-03-03', 2, 'carts', 1, 0.5, 1, 2),
    row('2026-03-03', 3, 'orders', 2, 0.5, 1, 2),
    row('2026-03-03', 4, 'events.raw', null, 0.333333, 1, 3),
  ]);
});

test('dataset_freshness returns the last run of each day, sums over its runs, and the gaps that start on it', async () => {
  await scatter(collectionRuns, [
    runRow({ dataset: 'alerts', ts: START + HOUR, rows: 7, runs: 3, requests: 5, bytes: 10 }),
    runRow({
      dataset: 'alerts',
      ts: START + 3 * HOUR,
      outcome: 'partial',
      failed_targets: 2,
      lag_seconds: 1800,
      rows: 1,
    }),
    runRow({ dataset: 'alerts', ts: START + 2 * HOUR, outcome: 'failed', failed_targets: 9, rows: 2 }),
    runRow({ dataset: 'alerts', ts: START + DAY, rows: 5 }),
  ]);
  await scatter(collectionGaps, [
    gapRow({ dataset: 'alerts', target: 'x', ts: START + HOUR, gap_end: START + 2 * HOUR }),
    gapRow({ dataset: 'alerts', target: 'y', ts: START + HOUR, gap_end: START + 26 * HOUR }),
    gapRow({ dataset: 'access_logs', target: 'y', ts: START - DAY, gap_end: START }),
    gapRow({ dataset: 'alerts', target: 'z', ts: START + HOUR, gap_end: START + 26 * HOUR }),
  ]);
  const wholly = { dataset: 'alerts', target: 'z', ts: START + HOUR, gap_end: START + 26 * HOUR };
  const partly = { dataset: 'alerts', target: 'y', ts: START + HOUR, gap_end: START + 26 * HOUR };
  await scatter(filledGaps, [
    filledRow({ ...wholly, filled_from: START + HOUR, filled_to: START + DAY }),
    filledRow({ ...wholly, filled_from: START + DAY, filled_to: START + 26 * HOUR }),
    filledRow({ ...partly, filled_from: START + 25 * HOUR, filled_to: START + 26 * HOUR }),
  ]);
  expect(await lake.ask('SELECT target, filled_seconds FROM open_gaps ORDER BY dt, target')).toEqual([
    { target: 'y', filled_seconds: 0 },
    { target: 'x', filled_seconds: 0 },
    { target: 'y', filled_seconds: 3600 },
  ]);
  const found = await lake.ask('SELECT * FROM dataset_freshness ORDER BY dt');
  const none = {
    last_run: null,
    last_outcome: null,
    lag_seconds: null,
    collected_up_to: null,
    failed_targets: null,
  };
  expect(found).toEqual([
    {
      ...{ dt: '2026-03-01', project_id: PROJECT, dataset: 'access_logs', ...none },
      ...{ runs: 0, incomplete_runs: 0, requests: 0, rows: 0, bytes: 0, gaps: 1, gap_seconds: 86_400 },
    },
    {
      ...{ dt: '2026-03-02', project_id: PROJECT, dataset: 'alerts' },
      ...{
        last_run: lakeTime(START + 3 * HOUR),
        last_outcome: 'partial',
        lag_seconds: 1800,
        failed_targets: 2,
      },
      collected_up_to: lakeTime(START + 2.5 * HOUR),
      ...{
        runs: 5,
        incomplete_runs: 2,
        requests: 25,
        rows: 10,
        bytes: 10_010,
        gaps: 2,
        gap_seconds: 25 * 3600,
      },
    },
    {
      ...{ dt: '2026-03-03', project_id: PROJECT, dataset: 'alerts' },
      ...{ last_run: lakeTime(START + DAY), last_outcome: 'complete', lag_seconds: 600, failed_targets: 0 },
      collected_up_to: lakeTime(START + DAY - 10 * MINUTE),
      ...{ runs: 1, incomplete_runs: 0, requests: 10, rows: 5, bytes: 5000, gaps: 0, gap_seconds: 0 },
    },
  ]);
});

test('duplicate_rows is empty until a natural key occurs twice', async () => {
  const point = { measurement: 'DISK_QUEUE_DEPTH', ts: START, value: 1 };
  const login = loginRow({ ts: START, record_id: 'a' });
  await lake.write(
    { table: diskTable, rows: [diskRow(point), diskRow({ ...point, granularity: 'PT1H' })] },
    { table: accessLogs, rows: [login, loginRow({ ts: START, record_id: 'b' })] },
  );
  expect(await lake.ask('SELECT * FROM duplicate_rows')).toEqual([]);
  // A different value does not make a different row. Only the key counts.
  await lake.write({
    table: diskTable,
    rows: [diskRow({ ...point, value: 2 }), diskRow({ ...point, value: 3 })],
  });
  await lake.write({ table: accessLogs, rows: [{ ...login, ts: START + 1 }] });
  expect(await lake.ask('SELECT * FROM duplicate_rows ORDER BY table_name')).toEqual([
    { dt: '2026-03-02', table_name: 'access_logs', keys: 1, extra_rows: 1 },
    { dt: '2026-03-02', table_name: 'disk_measurements', keys: 1, extra_rows: 2 },
  ]);
});

function sorted<Item>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
