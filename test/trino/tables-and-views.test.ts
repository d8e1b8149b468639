import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wholeTable } from '../../sql/athena.ts';
import { duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { dayColumn, viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { type CollectedLake, collectLake } from './collected-lake.ts';
import { differences } from './compare.ts';
import { type LakeEngines, openInBoth } from './lake-engines.ts';

/** Nothing expires in this lake, and none of its rows is a duplicate. */
const EMPTY = ['collection_gaps', 'duplicate_rows'];

let lake: CollectedLake;
let engines: LakeEngines;
beforeAll(async () => {
  lake = await collectLake(3);
  engines = await openInBoth(lake);
}, 900_000);
afterAll(async () => {
  await engines.close();
  await lake.remove();
});

describe.each(lakeTables)('$name', ({ name, columns }) => {
  test.each([name, wholeTable(name)])('%s has the same rows in Trino as in DuckDB', async (source) => {
    const all = [...columns, dayColumn];
    const names = all.map((column) => column.name).join(', ');
    const queries = { trino: `SELECT ${names} FROM ${source}`, duckdb: `SELECT ${names} FROM ${name}` };
    const found = await differences(engines, queries, all);
    expect(found.differences).toEqual([]);
    if (!EMPTY.includes(name)) expect(found.rows).toBeGreaterThan(0);
  });
});

test.each(views)('the view $name returns the same rows in Trino as in DuckDB', async (view) => {
  const today = async () =>
    String((await engines.trino.ask('SELECT CAST(current_date AS varchar) AS day'))[0]?.['day']);
  const day = await today();
  const names = view.columns.map((column) => column.name).join(', ');
  const queries = { trino: `SELECT ${names} FROM ${view.name}`, duckdb: viewSql(view, duckdb(day)) };
  const found = await differences(engines, queries, view.columns, 1e-9);
  // A query before and another after midnight return different days.
  if (day === (await today())) expect(found.differences).toEqual([]);
  if (!EMPTY.includes(view.name)) expect(found.rows).toBeGreaterThan(0);
});
