import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { queryRows } from '../../../cli/duckdb/query.ts';
import { noRows } from '../../../cli/duckdb/table-sql.ts';
import { nightlyChecks } from '../../../infra/analysis/nightly-checks.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { loadTrinoGrammar } from '../../support/trino-grammar.ts';

/** Noon of the day before yesterday, as DuckDB computes it. */
const TS = "CAST(current_date - INTERVAL '2' DAY AS timestamp) + INTERVAL '12' HOUR";

let instance: DuckDBInstance;
let connection: DuckDBConnection;
const ask = (sql: string) => queryRows(connection, sql);

beforeEach(async () => {
  instance = await DuckDBInstance.create();
  connection = await instance.connect();
  for (const table of lakeTables) {
    for (const name of [table.name, `${table.name}_landing`])
      await ask(`CREATE TABLE ${name} AS ${noRows(table)}`);
  }
  await ask("CREATE VIEW duplicate_rows AS SELECT '2000-01-01' AS dt, 1 AS extra_rows");
});
afterEach(() => {
  connection.closeSync();
  instance.closeSync();
});

const insert = (table: string, measurement: string, hours: number) =>
  ask(
    `INSERT INTO ${table} (project_id, process_id, partition_name, measurement, granularity, ts, collected_at, dt) SELECT 'p', 'h', 'd', '${measurement}', 'PT1M', ts, ts + INTERVAL '${hours}' HOUR, CAST(CAST(ts AS date) AS varchar) FROM (SELECT ${TS} AS ts)`,
  );
const missing = async () => (await ask(nightlyChecks(lakeTables)))[0];

test('a key that only landing files have is missing, and one that both have is not', async () => {
  await insert('disk_measurements_landing', 'A', 1);
  await insert('disk_measurements_landing', 'A', 2);
  await insert('disk_measurements_landing', 'B', 1);
  await insert('disk_measurements', 'A', 1);
  expect(await missing()).toEqual({ extra_rows: 0, missing_rows: 1 });
  await insert('disk_measurements', 'B', 1);
  expect(await missing()).toEqual({ extra_rows: 0, missing_rows: 0 });
});

test('a table with more Iceberg rows does not hide what another one lacks', async () => {
  await insert('disk_measurements_landing', 'A', 1);
  await ask(`INSERT INTO alerts (dt, collected_at) SELECT CAST(CAST(${TS} AS date) AS varchar), ${TS}`);
  expect(await missing()).toEqual({ extra_rows: 0, missing_rows: 1 });
});

test('rows that were collected today are not missing', async () => {
  await insert('disk_measurements_landing', 'A', 37);
  expect(await missing()).toEqual({ extra_rows: 0, missing_rows: 0 });
});

test('the query is in the grammar of Trino', async () => {
  const errorsOf = await loadTrinoGrammar();
  expect(errorsOf(`${nightlyChecks(lakeTables)};`)).toEqual([]);
});
