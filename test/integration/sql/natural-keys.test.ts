import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compactLake } from '../../../cli/compaction/compact-lake.ts';
import { HOUR } from '../../../shared/durations.ts';
import { type AnyRow, isNumbered, rowIdentity, type Table } from '../../../shared/lake/table.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { rewriteParquet } from '../../support/rewrite-parquet.ts';
import { T } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { anyRow } from '../../support/written-rows.ts';

/** Tables whose `ts` can be the time of observation, because Atlas does not date the change. */
const DATED_WHEN_SEEN = ['alert_configurations', 'alerts', 'inventory'];

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const rowOf = (table: Table, more: Record<string, number> = {}) => anyRow(table, { ts: T, ...more });

/** Returns the same row as a later run writes it. */
function again(table: Table): AnyRow {
  const ts = DATED_WHEN_SEEN.includes(table.name) ? T + HOUR : T;
  return rowOf(table, { ts, collected_at: T + HOUR });
}

/** Returns a table as it was declared before 0.1.0, without revision numbers. */
function unnumbered(table: Table): Table {
  return { ...table, columns: table.columns.filter(({ name }) => name !== 'revision') };
}

const numbered = lakeTables.filter(isNumbered);
const duplicates = () =>
  lake.ask('SELECT table_name, keys, extra_rows FROM duplicate_rows ORDER BY table_name');

describe.each(lakeTables.map((table) => [table.name, table] as const))('%s', (name, table) => {
  test('the natural key contains no collection time', () => {
    expect(table.naturalKey).not.toContain('collected_at');
    if (DATED_WHEN_SEEN.includes(name)) expect(table.naturalKey).not.toContain('ts');
    const names = table.columns.map((column) => column.name);
    for (const column of table.naturalKey) expect(names).toContain(column);
    expect(rowIdentity(table, rowOf(table))).toBe(rowIdentity(table, again(table)));
  });

  test('a row that is written twice with different collection times is a duplicate', async () => {
    await lake.write({ table, rows: [rowOf(table)] });
    expect(await duplicates()).toEqual([]);
    await lake.write({ table, rows: [again(table)] });
    expect(await duplicates()).toEqual([{ table_name: name, keys: 1, extra_rows: 1 }]);
  });
});

test('an earlier value that returns with another revision is not a duplicate', async () => {
  expect(numbered.map(({ name }) => name)).toEqual([
    'alert_configurations',
    'alerts',
    'cost_usage',
    'inventory',
  ]);
  for (const table of numbered) {
    await lake.write({ table, rows: [rowOf(table), { ...rowOf(table), revision: 2 }] });
  }
  expect(await duplicates()).toEqual([]);
});

test('rows of a version without revisions have a null revision and are not compared', async () => {
  for (const table of numbered) {
    await lake.write({ table: unnumbered(table), rows: [rowOf(table), again(table)] });
    await lake.write({ table, rows: [rowOf(table)] });
    expect(await lake.ask(`SELECT revision FROM ${table.name} ORDER BY revision`)).toEqual([
      { revision: 1 },
      { revision: null },
      { revision: null },
    ]);
  }
  expect(await duplicates()).toEqual([]);
});

test.each([
  ['all', false],
  ['some', true],
])(
  'Parquet of a version without revisions is readable when %s of the days have none',
  async (_, withNewDay) => {
    for (const table of numbered) {
      await lake.write({ table: unnumbered(table), rows: [rowOf(table)] });
    }
    await compactLake(
      { lake: lake.folder, bucket: lake.bucket, tables: lakeTables },
      T + 30 * HOUR,
      () => {},
    );
    await dropRevisions();
    if (withNewDay) {
      for (const table of numbered) {
        const time = T + 24 * HOUR;
        await lake.write({ table, rows: [{ ...rowOf(table), ts: time, collected_at: time }] });
      }
      await compactLake(
        { lake: lake.folder, bucket: lake.bucket, tables: lakeTables },
        T + 60 * HOUR,
        () => {},
      );
    }
    for (const { name } of numbered) {
      expect(await lake.ask(`SELECT revision FROM ${name} ORDER BY revision`)).toEqual([
        ...(withNewDay ? [{ revision: 1 }] : []),
        { revision: null },
      ]);
    }
  },
);

/** Rewrites every Parquet file as it was written before 0.1.0. */
async function dropRevisions(): Promise<void> {
  expect(await rewriteParquet(lake.bucket, '* EXCLUDE (revision)')).toBe(numbered.length);
}
