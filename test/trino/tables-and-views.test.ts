import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { wholeTable } from '../../sql/athena.ts';
import { duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { dayColumn, viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { type CollectedLake, collectLake } from './collected-lake.ts';
import { differences } from './compare.ts';
import { type Lakehouse, startLakehouse } from './lakehouse.ts';

let lake: CollectedLake;
let house: Lakehouse;
beforeAll(async () => {
  lake = await collectLake(3);
  house = await startLakehouse({ catalog: { firstDay: lake.firstDay } });
  await house.upload(lake.bucket);
}, 600_000);
afterAll(async () => {
  house.close();
  await lake.remove();
});

/** Runs a comparison with both engines. */
function withEngines<Result>(
  use: (engines: { trino: Lakehouse['trino']; duckdb: DuckDBConnection }) => Promise<Result>,
): Promise<Result> {
  return withLakeDatabase(lake.folder, (connection) => use({ trino: house.trino, duckdb: connection }));
}

describe.each(lakeTables)('$name', ({ name, columns }) => {
  test.each([name, wholeTable(name)])('%s has the same rows in Trino as in DuckDB', async (source) => {
    const all = [...columns, dayColumn];
    const names = all.map((column) => column.name).join(', ');
    const queries = { trino: `SELECT ${names} FROM ${source}`, duckdb: `SELECT ${names} FROM ${name}` };
    const found = await withEngines((engines) => differences(engines, queries, all));
    expect(found.differences).toEqual([]);
    // Nothing expires in this lake.
    if (name !== 'collection_gaps') expect(found.rows).toBeGreaterThan(0);
  });
});

test.each(views)('the view $name returns the same rows in Trino as in DuckDB', async (view) => {
  const today = async () =>
    String((await house.trino.ask('SELECT CAST(current_date AS varchar) AS day'))[0]?.['day']);
  const day = await today();
  const names = view.columns.map((column) => column.name).join(', ');
  const found = await withEngines((engines) =>
    differences(
      engines,
      { trino: `SELECT ${names} FROM ${view.name}`, duckdb: viewSql(view, duckdb(day)) },
      view.columns,
      1e-9,
    ),
  );
  // The comparison is void if it ran over midnight.
  if (day === (await today())) expect(found.differences).toEqual([]);
  console.log(view.name, found.rows);
});
