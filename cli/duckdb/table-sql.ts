import path from 'node:path';
import type { Column, Table } from '../../shared/lake/table.ts';
import { sqlType } from '../../sql/view.ts';

/** Reads a table's rows from all of its NDJSON. */
export function readNdjson(bucket: string, table: Table): string {
  const files = path.join(escapeGlob(bucket), table.name, 'dt=*', '*.json.gz');
  return `SELECT ${columnNames(table)}, dt FROM ${ndjson(table, quoted(files))}`;
}

/** Reads a table's rows, without their day, from certain files of NDJSON. */
export function readNdjsonFiles(table: Table, files: readonly string[]): string {
  return `SELECT ${columnNames(table)} FROM ${ndjson(table, fileList(files))}`;
}

/** Types come from the declaration, so that nothing is guessed from values. */
function ndjson(table: Table, files: string): string {
  const types = table.columns.map((column) => `${column.name}: '${sqlType(column)}'`);
  return `read_json(${files}, columns = {${types.join(', ')}}, format = 'newline_delimited', compression = 'gzip', hive_partitioning = true, hive_types = {dt: VARCHAR})`;
}

/**
 * Reads a table's rows from the Parquet files of compacted days: columns by name, in their declared types. A column that
 * was appended later is null in files that lack it.
 */
export function readParquet(table: Table, files: readonly string[]): string {
  const stored = `SELECT * FROM read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = true, hive_types = {dt: VARCHAR, v: VARCHAR})`;
  // The union alone gives a type that holds both the declared and the stored values.
  return `SELECT ${typedColumns(table, ({ name }) => name)}, dt FROM (${noRows(table)} UNION ALL BY NAME ${stored})`;
}

/**
 * Rows that a reader skips or takes as one, by the least and greatest values that Parquet keeps of them. DuckDB's usual
 * 122,880 would leave nothing to skip in a day of some ten disks.
 */
const ROW_GROUP = 16_384;

/** Writes the rows of a query as a Parquet file, sorted by what they are looked up by. */
export function parquetCopy(table: Table, rows: string, file: string): string {
  return `COPY (${rows} ORDER BY ${sortKey(table).join(', ')}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`;
}

/** The natural key; of measurements, what nearly every question names comes first. */
function sortKey({ naturalKey }: Table): string[] {
  const first = naturalKey.filter((name) => name === 'measurement');
  return [...first, ...naturalKey.filter((name) => name !== 'measurement')];
}

/** A table without files. */
export function noRows(table: Table): string {
  return `SELECT ${typedColumns(table, () => 'NULL')}, CAST(NULL AS varchar) AS dt WHERE false`;
}

/** Stands in for a table that cannot be read: every query that reads rows or columns of it fails with the message. */
export function unreadable(table: Table, message: string): string {
  // The condition alone is not enough: DuckDB tests a query's own conditions first.
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

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path as a pattern that matches itself only. */
function escapeGlob(text: string): string {
  return text.replaceAll(/[[*?]/g, '[$&]');
}
