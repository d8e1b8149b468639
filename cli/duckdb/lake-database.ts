import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { lakeTables } from '../../sql/tables.ts';
import { viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { UsageFailure } from '../failure.ts';
import { BUCKET } from '../local-aws.ts';
import { daysOf } from './lake-files.ts';
import { noRows, quoted, readNdjson } from './table-sql.ts';

/** What the views' SQL takes from Trino and DuckDB calls otherwise. */
const MACROS = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO from_unixtime(seconds) AS make_timestamp(CAST(round(seconds * 1e3) AS BIGINT) * 1000)',
];

/**
 * Uses a lake's folder as a database: DuckDB in memory, every table and view in place. It only reads, and holds
 * nothing: a collector may be at work in the same folder.
 * @throws {UsageFailure} when there is no lake.
 */
export async function withLakeDatabase<Result>(
  folder: string,
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const bucket = path.join(path.resolve(folder), BUCKET);
  if (!(await isFolder(bucket))) {
    throw new UsageFailure(
      `there is no lake in ${folder}: collect first, or name another folder (--lake DIR)`,
    );
  }
  // Everything that is needed is built in; nothing is ever fetched from the network.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const macro of MACROS) await connection.run(macro);
    const days = await createTables(connection, bucket);
    await createViews(connection, days.at(-1) ?? '1970-01-01');
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Gives the days that any table has, oldest first. */
async function createTables(connection: DuckDBConnection, bucket: string): Promise<string[]> {
  const all = new Set<string>();
  for (const table of lakeTables) {
    const days = await daysOf(bucket, table.name);
    for (const day of days) all.add(day);
    const rows = days.length === 0 ? noRows(table) : readNdjson(bucket, table);
    await connection.run(`CREATE VIEW ${table.name} AS ${rows}`);
  }
  return [...all].sort();
}

/**
 * Spans that end today end with the lake's newest day here, so that a lake that was copied or stands still keeps
 * its answers.
 */
async function createViews(connection: DuckDBConnection, newestDay: string): Promise<void> {
  const day = { today: `CAST(${quoted(newestDay)} AS date)` };
  for (const view of views) await connection.run(`CREATE VIEW ${view.name} AS ${viewSql(view, day)}`);
}

async function isFolder(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
