import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { statOf } from '../../local-aws/s3/files.ts';
import type { Table } from '../../shared/lake/table.ts';
import { DUCKDB_MACROS, duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { parquetFile } from '../compaction/day-files.ts';
import { type CompactedTable, type Manifest, readManifest } from '../compaction/manifest.ts';
import { UsageFailure } from '../failure.ts';
import { BUCKET } from '../local-aws.ts';
import { inOneLine } from './errors.ts';
import { interruptible } from './interruptible.ts';
import { filesOf } from './lake-files.ts';
import { escapeGlob, noRows, quoted, readNdjson, readParquet, unreadable } from './table-sql.ts';

/**
 * Opens a lake's folder as an in-memory DuckDB database with all tables and views. It only reads and takes no lock, so
 * a collector may run in the same folder. SQL can open the lake's files, and the `results` that the caller names, but no
 * other file, and it cannot change this. Ctrl-C interrupts it; `signal` says so.
 * @throws {UsageFailure} when there is no lake
 */
export async function withLakeDatabase<Result>(
  folder: string,
  use: (connection: DuckDBConnection, signal: AbortSignal) => Promise<Result>,
  results: readonly string[] = [],
): Promise<Result> {
  const bucket = await bucketOf(folder);
  const manifest = await readManifest(path.resolve(folder));
  // All required extensions are built in, so DuckDB must never download one.
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    // By default, DuckDB moves what does not fit into memory to the current folder, which may be read-only.
    temp_directory: path.join(tmpdir(), `atlas-lake-query-${process.pid}`),
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const macro of DUCKDB_MACROS) await connection.run(macro);
    await inOneLine(async () => {
      const days = await createTables(connection, bucket, manifest);
      await createViews(connection, days.at(-1) ?? '1970-01-01');
      await lockIn(connection, bucket, results);
    });
    return await interruptible(connection, (signal) => use(connection, signal));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Restricts SQL to the bucket's files, because the views open them only when a query runs. */
async function lockIn(
  connection: DuckDBConnection,
  bucket: string,
  results: readonly string[],
): Promise<void> {
  // DuckDB compares a pattern as text with the folders, before it compares the files that it finds.
  const folders = [bucket, escapeGlob(bucket)].map((folder) => quoted(path.join(folder, path.sep)));
  await connection.run(`SET allowed_directories = [${folders.join(', ')}]`);
  await connection.run(`SET allowed_paths = [${results.map(quoted).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/**
 * Returns the folder of a lake's objects.
 * @throws {UsageFailure} when there is none
 */
export async function bucketOf(lake: string): Promise<string> {
  const bucket = path.join(path.resolve(lake), BUCKET);
  if ((await statOf(bucket))?.isDirectory()) return bucket;
  throw new UsageFailure(`there is no lake in ${lake}: collect first, or choose another folder (--lake DIR)`);
}

/** Creates all tables. Returns the days of any table, oldest first. */
async function createTables(
  connection: DuckDBConnection,
  bucket: string,
  manifest: Manifest,
): Promise<string[]> {
  const all = new Set<string>();
  for (const table of lakeTables) {
    const compacted = manifest.tables[table.name];
    const { days, compressions } = await filesOf(bucket, table.name);
    for (const day of [...days, ...Object.keys(compacted?.days ?? {})]) all.add(day);
    const plain = days.length === 0 ? noRows(table) : readNdjson(bucket, table, compressions);
    const rows = compacted ? withParquet(bucket, table, compacted, plain) : plain;
    await createTable(connection, table, rows);
  }
  return [...all].sort();
}

/** Creates one table. DuckDB opens Parquet files here; an unreadable file must fail only queries on this table. */
async function createTable(connection: DuckDBConnection, table: Table, rows: string): Promise<void> {
  try {
    await inOneLine(() => connection.run(`CREATE VIEW ${table.name} AS ${rows}`));
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error;
    const message = `${table.name} cannot be read: ${error.message}`;
    await connection.run(`CREATE VIEW ${table.name} AS ${unreadable(table, message)}`);
  }
}

/** Returns a query that reads Parquet before the boundary and NDJSON from it on, so that no day is read twice. */
function withParquet(
  bucket: string,
  table: Table,
  { boundary, days }: CompactedTable,
  plain: string,
): string {
  const files = Object.entries(days).map(([day, { version }]) =>
    parquetFile(bucket, table.name, day, version),
  );
  return `${readParquet(table, files)} UNION ALL SELECT * FROM (${plain}) WHERE dt >= ${quoted(boundary)}`;
}

/**
 * Creates all views. Spans of recent days end with the lake's newest day, so that results stay the same for a lake that
 * was copied or is no longer collected.
 */
async function createViews(connection: DuckDBConnection, newestDay: string): Promise<void> {
  for (const view of views)
    await connection.run(`CREATE VIEW ${view.name} AS ${viewSql(view, duckdb(newestDay))}`);
}
