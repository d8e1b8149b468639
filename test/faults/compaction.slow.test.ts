import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BuiltDay, compactLake } from '../../cli/compaction/compact-lake.ts';
import { readManifest } from '../../cli/compaction/manifest.ts';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { lockLake } from '../../local-aws/lock.ts';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { DAY, HOUR } from '../../shared/durations.ts';
import { codecOfKey } from '../../shared/lake/compression.ts';
import { lakeTables } from '../../sql/tables.ts';
import { lakeDigest } from '../support/lake-digest.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { createSampleLake, SAMPLE } from '../support/sample-lake.ts';
import type { WrittenLake } from '../support/written-lake.ts';
import { diskRow, diskTable } from '../support/written-rows.ts';

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createSampleLake();
});
afterEach(() => lake.remove());

/** Compacts the lake in this process at a simulated time, and returns the built days. */
async function compactAt(now: number): Promise<BuiltDay[]> {
  const built: BuiltDay[] = [];
  const { folder, bucket } = lake;
  await compactLake({ lake: folder, bucket, tables: lakeTables }, now, (day) => built.push(day));
  return built;
}

const day = (number: number) => new Date(SAMPLE.start + number * DAY).toISOString().slice(0, 10);
const count = (where = 'true') => lake.ask(`SELECT count(*) AS rows FROM disk_measurements WHERE ${where}`);
const late = (number: number, value: number) =>
  diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: SAMPLE.start + number * DAY + HOUR, value });

/** Returns every file and folder of the bucket. Reads again if a compaction removes one meanwhile. */
async function everything(): Promise<string[]> {
  for (;;) {
    try {
      return await readdir(lake.bucket, { recursive: true });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
}

/** Returns the versions on disk, as `<table>/<day>/<version>`. */
async function versions(): Promise<string[]> {
  const all = await everything();
  return all.filter((name) => /_parquet\/dt=[^/]+\/v=[^/]+$/.test(name)).sort();
}

/** Returns the days that have NDJSON, as `<table>/<day>`. */
async function plainDays(): Promise<string[]> {
  const all = await everything();
  return all.filter((name) => /^[a-z_]+\/dt=[^/]+$/.test(name) && !name.includes('_parquet'));
}

test('every view gives the same answer with all, some or no days compacted, and after a second compaction', async () => {
  const before = await lakeDigest(lake);
  expect(before['disk_forecast']).toHaveLength(3);
  // Ten days are over, and the last of them for long enough.
  const built = await compactAt(SAMPLE.start + 10 * DAY + 7 * HOUR);
  expect([...new Set(built.map((one) => one.day))].sort()).toEqual([
    ...SAMPLE.months,
    ...Array.from({ length: 10 }, (_, index) => day(index)),
  ]);
  expect(await lakeDigest(lake)).toEqual(before);
  const files = await versions();
  expect(await compactAt(SAMPLE.start + 10 * DAY + 8 * HOUR)).toEqual([]);
  expect(await versions()).toEqual(files);
  expect((await compactAt(SAMPLE.start + 40 * DAY)).every((one) => one.day >= day(10))).toBe(true);
  expect(await lakeDigest(lake)).toEqual(before);
}, 120_000);

test('a day is not compacted before its last rows can have arrived', async () => {
  const built = await compactAt(SAMPLE.start + 2 * DAY + HOUR);
  expect([...new Set(built.map((one) => one.day))].sort()).toEqual([...SAMPLE.months, day(0)]);
});

test('queries read compacted days from Parquet and other days from NDJSON, and a filter on dt prunes both', async () => {
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  const [all] = await count();
  const plant = (name: string) => writeFile(path.join(lake.bucket, name), 'unreadable');
  await plant(`disk_measurements/dt=${day(1)}/late.json.gz`);
  expect(await count()).toEqual([all]);
  await plant(`disk_measurements/dt=${day(5)}/late.json.gz`);
  await expect(count()).rejects.toThrow('late.json.gz');
  await spoilRows(await parquetOf('disk_measurements', 2));
  const read = (number: number) =>
    lake.ask(`SELECT count(value) AS rows FROM disk_measurements WHERE dt = '${day(number)}'`);
  await expect(read(2)).rejects.toThrow();
  for (const number of [0, 1, 3, 4]) expect(await read(number)).toEqual([{ rows: 3 * 3 * 24 }]);
});

describe('a Parquet file that cannot be read', () => {
  test.each<[string, (file: string) => Promise<unknown>]>([
    ['is not Parquet', (file) => writeFile(file, 'unreadable')],
    ['is empty', (file) => writeFile(file, '')],
    ['ends early', async (file) => writeFile(file, (await readFile(file)).subarray(0, -20))],
    ['is missing', (file) => rm(file)],
    ['is a folder', (file) => rm(file).then(() => mkdir(file))],
  ])(
    '%s: fails queries on its table only',
    async (_, spoil) => {
      const before = await lakeDigest(lake);
      await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
      const file = await parquetOf('disk_measurements', 1);
      await spoil(file);

      for (const name of ['database_measurements', 'alerts', 'cost_usage']) {
        const rows = await lake.ask(
          `SELECT dt, count(*) AS rows, count(DISTINCT ${name}) AS kinds FROM ${name} GROUP BY dt`,
        );
        expect(rows.map((row) => JSON.stringify(row)).sort()).toEqual(before[name]);
      }
      expect(await lake.ask('SELECT * FROM alert_incidents')).toHaveLength(
        before['alert_incidents']?.length ?? 0,
      );
      // The answer is never empty: not with a filter on another day, without a column, or through a view.
      const failing = [
        'SELECT * FROM disk_measurements',
        'SELECT count(*) FROM disk_measurements',
        `SELECT max(value) FROM disk_measurements WHERE dt = '${day(2)}' AND value > 0`,
        'SELECT * FROM disk_forecast',
        'SELECT * FROM duplicate_rows',
      ];
      for (const sql of failing)
        await expect(lake.ask(sql)).rejects.toThrow(path.relative(lake.bucket, file));

      const { code, stdout, stderr } = await runCli(['query', '--lake', lake.folder, failing[0] ?? '']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^atlas-lake: .*disk_measurements cannot be read: .*\n$/);

      await rm(file, { recursive: true, force: true });
      const built = await compactAt(SAMPLE.start + 3 * DAY + 8 * HOUR);
      expect(built.map(({ table, day: its }) => `${table} ${its}`)).toEqual([`disk_measurements ${day(1)}`]);
      expect(await lakeDigest(lake)).toEqual(before);
    },
    120_000,
  );
});

/** Returns the Parquet file of a compacted day. */
async function parquetOf(table: string, number: number): Promise<string> {
  const [folder] = (await versions()).filter((name) => name.startsWith(`${table}_parquet/dt=${day(number)}`));
  return path.join(lake.bucket, `${folder}/rows.parquet`);
}

/** Overwrites a Parquet file except its footer. DuckDB reads the footer of every file, for the columns. */
async function spoilRows(file: string): Promise<void> {
  const body = await readFile(file);
  const footer = body.readUInt32LE(body.length - 8) + 8;
  await writeFile(file, body.fill(0xff, 4, body.length - footer));
}

test('late rows appear once: on a compacted day after it is built again, on other days immediately', async () => {
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  const queue = () =>
    lake.ask("SELECT dt, value FROM disk_measurements WHERE measurement = 'DISK_QUEUE_DEPTH' ORDER BY dt");
  await lake.write({ table: diskTable, rows: [late(-5, 1), late(1, 2), late(6, 3)] });
  expect(await queue()).toEqual([{ dt: day(6), value: 3 }]);
  const built = await compactAt(SAMPLE.start + 3 * DAY + 8 * HOUR);
  expect(built.map(({ table, day: its }) => `${table} ${its}`)).toEqual([
    `disk_measurements ${day(-5)}`,
    `disk_measurements ${day(1)}`,
  ]);
  const all = [
    { dt: day(-5), value: 1 },
    { dt: day(1), value: 2 },
    { dt: day(6), value: 3 },
  ];
  expect(await queue()).toEqual(all);
  expect(await lake.ask('SELECT * FROM duplicate_rows')).toEqual([]);
});

test('rows of an emptied object disappear when their day is built again', async () => {
  const [key = ''] = await lake.write({ table: diskTable, rows: [late(1, 7)] });
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  expect(await count("measurement = 'DISK_QUEUE_DEPTH'")).toEqual([{ rows: 1 }]);
  await writeFile(path.join(lake.bucket, key), codecOfKey(key).empty);
  await compactAt(SAMPLE.start + 3 * DAY + 8 * HOUR);
  expect(await count("measurement = 'DISK_QUEUE_DEPTH'")).toEqual([{ rows: 0 }]);
});

test('a compaction killed at any moment changes no answer, and the next run completes it', async () => {
  const before = await lakeDigest(lake);
  // Each run is killed after it started this many more days.
  for (const more of [1, 4, 9, 20]) {
    const had = (await versions()).length;
    const { child, result } = startCli(['compact', '--lake', lake.folder]);
    while (child.exitCode === null && (await versions()).length < had + more) await setTimeout(1);
    child.kill('SIGKILL');
    await result;
    expect(await lakeDigest(lake)).toEqual(before);
  }
  expect((await runCli(['compact', '--lake', lake.folder])).code).toBe(0);
  expect(await lakeDigest(lake)).toEqual(before);
  const again = await runCli(['compact', '--lake', lake.folder]);
  expect(again).toEqual({ code: 0, stdout: 'All finished days are already compacted.\n', stderr: '' });
  // The next run removed what the killed runs left: each day has one version.
  const days = (await versions()).map((name) => path.dirname(name));
  expect(new Set(days).size).toBe(days.length);
  expect(days).toHaveLength((await plainDays()).length);
}, 240_000);

test('a connection gives the same answer before and after a compaction', async () => {
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  await lake.write({ table: diskTable, rows: [late(1, 7)] });
  await withLakeDatabase(lake.folder, async (connection) => {
    const ask = () =>
      queryRows(connection, "SELECT count(*) AS rows FROM disk_measurements WHERE dt < '2026-03-05'");
    const before = await ask();
    await compactAt(SAMPLE.start + 3 * DAY + 8 * HOUR);
    expect(await ask()).toEqual(before);
  });
});

test('an unreadable file ends a compaction with a one-line error, and earlier Parquet files stay in use', async () => {
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  const before = (await readManifest(lake.folder)).tables['database_measurements'];
  expect(before).toBeDefined();
  await writeFile(path.join(lake.bucket, `database_measurements/dt=${day(1)}/broken.json.gz`), 'unreadable');
  const { code, stderr } = await runCli(['compact', '--lake', lake.folder]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^atlas-lake: .*broken\.json\.gz\n$/);
  expect((await readManifest(lake.folder)).tables['database_measurements']).toEqual(before);
});

test('a second compaction at the same time is refused, while collecting is allowed', async () => {
  const collector = await lockLake(lake.folder);
  expect((await runCli(['compact', '--lake', lake.folder])).code).toBe(0);
  await collector.release();
  const other = await lockLake(path.join(lake.folder, '.compaction'));
  const { code, stderr } = await runCli(['compact', '--lake', lake.folder]);
  await other.release();
  expect(code).toBe(2);
  expect(stderr).toContain('is in use by another atlas-lake');
});

test('an invalid manifest is a one-line error, not an empty lake', async () => {
  await compactAt(SAMPLE.start + 3 * DAY + 7 * HOUR);
  const file = path.join(lake.folder, '.compaction/manifest.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -20));
  await expect(count()).rejects.toThrow('is not a valid manifest');
});
