import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { query } from '../../../cli/commands/query.ts';
import { report } from '../../../cli/commands/report.ts';
import { compactLake } from '../../../cli/compaction/compact-lake.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../../cli/duckdb/query.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { Table } from '../../../shared/lake/table.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { dayColumn, type View } from '../../../sql/view.ts';
import { ADDED, addedAnswer, appendTo, NO_VALUES, rowAt } from '../../support/appended-columns.ts';
import { lakeDigest } from '../../support/lake-digest.ts';
import { rewriteParquet } from '../../support/rewrite-parquet.ts';
import { createSampleLake, SAMPLE } from '../../support/sample-lake.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { diskRow, diskTable } from '../../support/written-rows.ts';

/** The declarations of the running version. Tests set it to simulate an upgrade. */
const version = vi.hoisted<{ tables: readonly Table[]; views: readonly View[] }>(() => ({
  tables: [],
  views: [],
}));
vi.mock('../../../sql/tables.ts', async (actual) => {
  version.tables = (await actual<typeof import('../../../sql/tables.ts')>()).lakeTables;
  return {
    get lakeTables() {
      return version.tables;
    },
  };
});
vi.mock('../../../sql/views.ts', async (actual) => {
  version.views = (await actual<typeof import('../../../sql/views.ts')>()).views;
  return {
    get views() {
      return version.views;
    },
  };
});

const T = Date.parse('2026-03-02T12:00:00Z');

/** A view over the appended columns, with a function that is a macro in DuckDB. */
const addedByDay: View = {
  name: 'added_by_day',
  description: 'Sums of appended columns.',
  columns: [
    dayColumn,
    { name: 'rows', type: 'bigint', description: 'Rows.' },
    { name: 'total', type: 'double', description: 'The sum.' },
    { name: 'newest', type: 'double', description: 'The newest, in seconds.' },
  ],
  reads: 'that day',
  query: ({ from }) =>
    `SELECT dt, count(*) AS rows, sum(added_double) AS total, to_unixtime(max(added_timestamp)) AS newest FROM ${from('disk_measurements')} GROUP BY dt`,
};

const OLD = { tables: lakeTables, views: version.views };
const NEW = { tables: lakeTables.map(appendTo), views: [...version.views, addedByDay] };

let lake: WrittenLake;
beforeEach(async () => {
  Object.assign(version, OLD);
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const upgrade = () => Object.assign(version, NEW);
const table = (name: string) => version.tables.find((one) => one.name === name) ?? diskTable;

/** Writes one row of each table, with the columns of an old or a new version. */
async function writeDay(number: number, tables: readonly Table[], hour = 0): Promise<void> {
  for (const each of tables)
    await lake.write({ table: each, rows: [rowAt(each, T + number * DAY + hour * HOUR)] });
}

/** Compacts with the running version, at noon some days after the first day. */
async function compactAt(number: number, tables = version.tables): Promise<string[]> {
  const built: string[] = [];
  await compactLake(
    { lake: lake.folder, bucket: lake.bucket, tables },
    T + number * DAY,
    ({ table: its, day }) => built.push(`${its} ${day}`),
  );
  return built;
}

const answered = (number: number, hour = 0) => addedAnswer(T + number * DAY + hour * HOUR);

/** Checks the values and types of the appended columns of every table, oldest row first. */
async function expectAdded(expected: ReadonlyArray<Record<string, unknown>>): Promise<void> {
  const names = ADDED.map(({ name }) => name).join(', ');
  await withLakeDatabase(lake.folder, async (connection) => {
    for (const { name } of NEW.tables) {
      const rows = await queryRows(connection, `SELECT ${names} FROM ${name} ORDER BY ts`);
      expect([name, ...rows]).toEqual([name, ...expected]);
      const types = await queryRows(connection, `DESCRIBE SELECT ${names} FROM ${name}`);
      expect([name, ...types.map(({ column_type }) => column_type)]).toEqual([name, ...TYPES]);
    }
  });
}

const TYPES = ['VARCHAR', 'DOUBLE', 'INTEGER', 'BIGINT', 'BOOLEAN', 'TIMESTAMP'];

test('an appended column is null and has its declared type in old landing files and old Parquet of every table', async () => {
  await writeDay(0, OLD.tables);
  upgrade();
  await expectAdded([NO_VALUES]);
  Object.assign(version, OLD);
  await compactAt(2);
  upgrade();
  await expectAdded([NO_VALUES]);
}, 120_000);

test('a query over Parquet and landing files of both versions returns the values of each', async () => {
  await writeDay(0, OLD.tables);
  await writeDay(1, OLD.tables);
  await compactAt(3);
  upgrade();
  // A late row of the new version makes the first day stale. The compaction dies before it reaches the second day.
  await writeDay(0, NEW.tables, 1);
  for (const each of NEW.tables) {
    const dies = compactLake({ lake: lake.folder, bucket: lake.bucket, tables: [each] }, T + 3 * DAY, () => {
      throw new Error('died');
    });
    await expect(dies).rejects.toThrow('died');
  }
  await writeDay(2, OLD.tables);
  await writeDay(2, NEW.tables, 1);
  await writeDay(3, NEW.tables);
  const all = [NO_VALUES, answered(0, 1), NO_VALUES, NO_VALUES, answered(2, 1), answered(3)];
  await expectAdded(all);
  await compactAt(4);
  await expectAdded(all);
  await compactAt(6);
  await expectAdded(all);
}, 240_000);

test('a day that an older version compacted is rebuilt once with its appended columns', async () => {
  // Two versions share a folder: the new one collects, the old one compacts.
  await writeDay(0, NEW.tables);
  await compactAt(2);
  upgrade();
  expect(await compactAt(2)).toHaveLength(NEW.tables.length);
  await expectAdded([answered(0)]);
  expect(await compactAt(2)).toEqual([]);
}, 120_000);

test('a column that Parquet files store as untyped null has its declared type', async () => {
  await writeDay(0, OLD.tables);
  await compactAt(2);
  const nulls = ADDED.map(({ name }) => `NULL AS ${name}`).join(', ');
  expect(await rewriteParquet(lake.bucket, `*, ${nulls}`)).toBe(OLD.tables.length);
  upgrade();
  await writeDay(1, NEW.tables);
  await expectAdded([NO_VALUES, answered(1)]);
}, 120_000);

test('tables, views and the report return the same results after columns are appended to a compacted lake', async () => {
  await lake.remove();
  lake = await createSampleLake();
  await compactAt(15);
  const before = { digest: await lakeDigest(lake), report: await reportPage() };
  upgrade();
  expect({ digest: await lakeDigest(lake, OLD.views), report: await reportPage() }).toEqual(before);
  await compactAt(15);
  expect({ digest: await lakeDigest(lake, OLD.views), report: await reportPage() }).toEqual(before);
}, 240_000);

/** Returns the report as of a fixed time, because it says how far the lake is behind. */
async function reportPage(): Promise<string> {
  const output = path.join(lake.folder, 'report.html');
  vi.useFakeTimers({ toFake: ['Date'], now: SAMPLE.start });
  try {
    expect(await report({ lake: lake.folder, output, quiet: false })).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  return readFile(output, 'utf8');
}

test('a view with a macro on appended columns reads old and new days', async () => {
  const point = (number: number, value: number) =>
    diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: T + number * DAY, value });
  const disks = () => table('disk_measurements');
  await lake.write({ table: disks(), rows: [point(0, 1), point(1, 2)] });
  await compactAt(3);
  upgrade();
  const added = (number: number, value: number) => ({
    ...{ ...point(number, value), ...NO_VALUES },
    ...{ added_double: value / 4, added_timestamp: T + number * DAY + value * 1_000 },
  });
  await lake.write({ table: disks(), rows: [added(1, 10), added(1, 20), added(4, 30)] });
  const seconds = (number: number, value: number) => T / 1000 + number * 86_400 + value;
  const day = (number: number) => new Date(T + number * DAY).toISOString().slice(0, 10);
  const first = { dt: day(0), rows: 1, total: null, newest: null };
  const last = { dt: day(4), rows: 1, total: 7.5, newest: seconds(4, 30) };
  // Late rows of a compacted day appear after the next build.
  expect(await answerOf('SELECT * FROM added_by_day ORDER BY dt')).toEqual([
    first,
    { dt: day(1), rows: 1, total: null, newest: null },
    last,
  ]);
  await compactAt(3);
  expect(await answerOf('SELECT * FROM added_by_day ORDER BY dt')).toEqual([
    first,
    { dt: day(1), rows: 3, total: 7.5, newest: seconds(1, 20) },
    last,
  ]);
});

/** Returns the output of the command `query`. */
async function answerOf(sql: string): Promise<unknown> {
  const output = path.join(lake.folder, 'answer.json');
  expect(await query(sql, { lake: lake.folder, format: 'json', output, rawCsv: false })).toBe(0);
  return JSON.parse(await readFile(output, 'utf8'));
}
