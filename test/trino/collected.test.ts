import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { dayColumn, viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { type CollectedLake, collectLake } from './collected-lake.ts';
import { differences } from './compare.ts';
import { type Lakehouse, startLakehouse } from './lakehouse.ts';
import { type Publishing, startPublishing } from './publishing.ts';

let lake: CollectedLake;
let house: Lakehouse;
let publishing: Publishing;
beforeAll(async () => {
  lake = await collectLake(3);
  house = await startLakehouse();
  await house.upload(lake.bucket);
  publishing = await startPublishing(house, lakeTables);
  await publishing.execute();
}, 900_000);
afterAll(async () => {
  await publishing?.close();
  house?.close();
  await lake?.remove();
});

/** Runs a comparison with both engines. */
function withEngines<Result>(
  use: (engines: { trino: Lakehouse['trino']; duckdb: DuckDBConnection }) => Promise<Result>,
): Promise<Result> {
  return withLakeDatabase(lake.folder, (connection) => use({ trino: house.trino, duckdb: connection }));
}

describe.each(lakeTables)('$name', ({ name, columns }) => {
  test.each([`${name}_landing`, name])('%s has the same rows in Trino as in DuckDB', async (source) => {
    const all = [...columns, dayColumn];
    const names = all.map((column) => `"${column.name}"`).join(', ');
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
});

test('a publication of the whole lake again adds no row', async () => {
  const count = async () => {
    const counts = lakeTables.map(({ name }) => `SELECT '${name}' AS name, count(*) AS rows FROM ${name}`);
    return house.trino.ask(`${counts.join(' UNION ALL ')} ORDER BY 1`);
  };
  const before = await count();
  for (const key of await publishing.objects.list('publication/')) await publishing.objects.remove(key);
  const started = house.athena.statements.length;
  await publishing.execute();
  const merges = house.athena.statements.slice(started).filter((sql) => sql.startsWith('MERGE'));
  expect(merges.length).toBeGreaterThanOrEqual(lakeTables.length - 1);
  expect(await count()).toEqual(before);
  expect(publishing.failures).toEqual([]);
}, 300_000);
