import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import type { AnyRow, ColumnType, Table } from '../../shared/lake/table.ts';
import { lakeTables } from '../../sql/tables.ts';
import { dayColumn } from '../../sql/view.ts';
import { T } from '../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../support/written-lake.ts';
import { differences } from './compare.ts';
import { type LakeEngines, openInBoth } from './lake-engines.ts';

const MEGABYTE = 1024 ** 2;

/**
 * Legal values that readers of JSON often get wrong. None starts with a byte order mark: DuckDB's package for Node removes it
 * from results.
 */
const UNUSUAL: Readonly<Record<ColumnType, ReadonlyArray<string | number | boolean>>> = {
  string: [
    '',
    ' ',
    'null',
    '\u2028 and \u2029',
    'a NUL \u0000 in between',
    '\u0001\u001f\u007f\u0085',
    '😀 👩‍👩‍👧 e\u0301',
    'line\nfeed\r\n\ttab "quoted" \\ back',
    'a byte order mark \ufeff in between',
    '{"nested":[1,2]}',
  ],
  double: [
    0,
    1e308,
    -1e308,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    0.1 + 0.2,
    1 / 3,
    123_456_789.123_456_79,
    1e21,
  ],
  int: [0, -1, 2_147_483_647, -2_147_483_648],
  bigint: [0, -1, 2 ** 53 + 2, -(2 ** 53) - 2, 2 ** 62, 2 ** 63 - 1024],
  boolean: [true, false],
  timestamp: [
    '0001-01-01',
    '1582-10-10',
    '1969-12-31T23:59:59.999',
    '2024-02-29',
    '9999-12-31T23:59:59.999',
  ].map((text) => Date.parse(text.includes('T') ? `${text}Z` : text)),
};

/** Returns rows of a table: each has one unusual value of each type, or null in each column that allows it. */
function unusualRows(table: Table): AnyRow[] {
  const most = Math.max(...Object.values(UNUSUAL).map((values) => values.length));
  const rows = Array.from({ length: most }, (_, number) =>
    table.columns.map(({ name, type }) => [name, UNUSUAL[type][number % UNUSUAL[type].length] ?? null]),
  );
  const empty = table.columns.map(({ name }) => [name, null]);
  return [...rows, empty].map((row, number) => ({ ...Object.fromEntries(row), ts: T + number * MINUTE }));
}

let lake: WrittenLake;
let engines: LakeEngines;
beforeAll(async () => {
  lake = await createWrittenLake();
  for (const table of lakeTables) await lake.write({ table, rows: unusualRows(table) });
  const [first] = lakeTables;
  if (!first) throw new Error('no tables');
  const long = Object.fromEntries(
    first.columns.map(({ name, type }) => [name, type === 'string' ? 'é'.repeat(MEGABYTE / 2) : null]),
  );
  await lake.write({ table: first, rows: [{ ...long, ts: T }] });
  engines = await openInBoth({ ...lake, firstDay: new Date(T).toISOString().slice(0, 10) });
}, 900_000);
afterAll(async () => {
  await engines.close();
  await lake.remove();
});

describe.each(lakeTables)('$name', (table) => {
  test('unusual values are the same in Trino as in DuckDB', async () => {
    const all = [...table.columns, dayColumn];
    const names = all.map(({ name }) => name).join(', ');
    const query = (source: string) => `SELECT ${names} FROM ${source}`;
    const queries = { trino: query(`${table.name}_landing`), duckdb: query(table.name) };
    const found = await differences(engines, queries, all);
    expect(found.differences).toEqual([]);
    expect(found.rows).toBeGreaterThanOrEqual(unusualRows(table).length);
  });
});
