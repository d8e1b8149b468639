import path from 'node:path';
import { type Compression, codecOf, compressionOf } from '../../shared/lake/compression.ts';
import type { Column, Table } from '../../shared/lake/table.ts';
import { sqlType } from '../../sql/view.ts';

/**
 * Returns a query that reads a table's rows from all of its NDJSON.
 *
 * @param compressions those of its files, at least one, because DuckDB refuses a pattern without files
 */
export function readNdjson(bucket: string, table: Table, compressions: ReadonlySet<Compression>): string {
  const scans = [...compressions].sort().map((compression) => {
    const files = path.join(escapeGlob(bucket), table.name, 'dt=*', `*.json${codecOf(compression).suffix}`);
    return `SELECT ${columnNames(table)}, dt FROM ${ndjson(table, quoted(files), compression)}`;
  });
  return scans.join(' UNION ALL ');
}

/** Returns a query that reads a table's rows, without their day, from the given NDJSON files. */
export function readNdjsonFiles(table: Table, files: readonly string[]): string {
  const kinds = Map.groupBy(files, (file) => compressionOf(file) ?? 'gzip');
  const scans = [...kinds].map(
    ([compression, own]) => `SELECT ${columnNames(table)} FROM ${ndjson(table, fileList(own), compression)}`,
  );
  return scans.join(' UNION ALL ');
}

/**
 * Returns a scan of NDJSON. Types come from the declaration, so that DuckDB does not infer them from values. It would
 * take the compression from the name only up to a question mark, which a folder may contain.
 */
function ndjson(table: Table, files: string, compression: Compression): string {
  const types = table.columns.map((column) => `${column.name}: '${sqlType(column)}'`);
  return `read_json(${files}, columns = {${types.join(', ')}}, format = 'newline_delimited', compression = '${compression}', hive_partitioning = true, hive_types = {dt: VARCHAR})`;
}

/**
 * Returns a query that reads a table's rows from Parquet files. It matches columns by name and casts them to their
 * declared types. A column that was appended later is null in files without it.
 */
export function readParquet(table: Table, files: readonly string[]): string {
  const stored = `SELECT * FROM read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = true, hive_types = {dt: VARCHAR, v: VARCHAR})`;
  // The union alone returns a common type of the declared and the stored columns.
  return `SELECT ${typedColumns(table, ({ name }) => name)}, dt FROM (${noRows(table)} UNION ALL BY NAME ${stored})`;
}

/**
 * Rows in a row group, which a reader can skip by its minimum and maximum values. With DuckDB's default of 122,880, a
 * reader could skip nothing in a day of about ten disks.
 */
const ROW_GROUP = 16_384;

/** Returns a statement that writes the rows of a query to a Parquet file, sorted for typical filters. */
export function parquetCopy(table: Table, rows: string, file: string): string {
  return `COPY (${rows} ORDER BY ${sortKey(table).join(', ')}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`;
}

/** Returns the natural key, with `measurement` first because nearly every query filters on it. */
function sortKey({ naturalKey }: Table): string[] {
  const first = naturalKey.filter((name) => name === 'measurement');
  return [...first, ...naturalKey.filter((name) => name !== 'measurement')];
}

/** Returns a query for a table without files. */
export function noRows(table: Table): string {
  return `SELECT ${typedColumns(table, () => 'NULL')}, CAST(NULL AS varchar) AS dt WHERE false`;
}

/** Returns a query that replaces an unreadable table: every query that reads its rows or columns fails. */
export function unreadable(table: Table, message: string): string {
  // The condition alone is not enough, because DuckDB evaluates the conditions of the outer query first.
  const failure = `error(${quoted(message)})`;
  return `SELECT ${typedColumns(table, () => failure)}, CAST(${failure} AS varchar) AS dt WHERE ${failure} IS NULL`;
}

function typedColumns(table: Table, value: (column: Column) => string): string {
  return table.columns
    .map((column) => `CAST(${value(column)} AS ${sqlType(column)}) AS ${column.name}`)
    .join(', ');
}

function columnNames(table: Table): string {
  return table.columns.map(({ name }) => name).join(', ');
}

function fileList(files: readonly string[]): string {
  return `[${files.map((file) => quoted(escapeGlob(file))).join(', ')}]`;
}

/** Returns a text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Returns a glob pattern that matches only this path. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[[*?]/g, '[$&]');
}
