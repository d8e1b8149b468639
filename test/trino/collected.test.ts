import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY } from '../../shared/durations.ts';
import { duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { dayColumn, viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { onDay, questions } from '../support/questions.ts';
import { type CollectedLake, collectLake } from './collected-lake.ts';
import { columnsOfAnswer, differences } from './compare.ts';
import { type LakeEngines, openInBoth } from './lake-engines.ts';
import { type Publishing, startPublishing } from './publishing.ts';

/** Nothing expires in this lake, and none of its rows is a duplicate. */
const EMPTY = ['collection_gaps', 'duplicate_rows', 'filled_gaps', 'open_gaps'];

let lake: CollectedLake;
let engines: LakeEngines;
let publishing: Publishing;
beforeAll(async () => {
  // Trino lists every day from the first one, and costs would go back a year.
  lake = await collectLake(3, { age: DAY, costs: 'P40D' });
  engines = await openInBoth(lake);
  publishing = await startPublishing(engines.house, lakeTables);
  await publishing.execute();
}, 900_000);
afterAll(async () => {
  await publishing?.close();
  await engines?.close();
  await lake?.remove();
});

describe.each(lakeTables)('$name', ({ name, columns }) => {
  test.each([`${name}_landing`, name])('%s has the same rows in Trino as in DuckDB', async (source) => {
    const all = [...columns, dayColumn];
    const names = all.map((column) => `"${column.name}"`).join(', ');
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
  const found = await differences(
    engines,
    { trino: `SELECT ${names} FROM ${view.name}`, duckdb: viewSql(view, duckdb(day)) },
    view.columns,
    1e-9,
  );
  // The comparison is void if it ran over midnight.
  if (day === (await today())) expect(found.differences).toEqual([]);
});

test('each question of docs/questions.md has the same answer in Trino as in DuckDB', async () => {
  const day = String((await engines.trino.ask('SELECT CAST(current_date AS varchar) AS day'))[0]?.['day']);
  const found: Record<string, string[]> = {};
  for (const { title, sql } of await questions()) {
    const asked = onDay(sql, day);
    const columns = await columnsOfAnswer(engines.duckdb, asked);
    found[title] = (await differences(engines, { trino: asked, duckdb: asked }, columns, 1e-9)).differences;
  }
  expect(Object.values(found).flat()).toEqual([]);
  expect(Object.keys(found)).toHaveLength(10);
}, 300_000);

test('a publication of the whole lake again adds no row', async () => {
  const count = async () => {
    const counts = lakeTables.map(({ name }) => `SELECT '${name}' AS name, count(*) AS rows FROM ${name}`);
    return engines.trino.ask(`${counts.join(' UNION ALL ')} ORDER BY 1`);
  };
  const before = await count();
  for (const key of await publishing.objects.list('publication/')) await publishing.objects.remove(key);
  const { statements } = engines.house.athena;
  const started = statements.length;
  await publishing.execute();
  const merges = statements.slice(started).filter((sql) => sql.startsWith('MERGE'));
  expect(merges.length).toBeGreaterThanOrEqual(lakeTables.length - EMPTY.length);
  expect(await count()).toEqual(before);
  expect(publishing.failures).toEqual([]);
}, 300_000);
