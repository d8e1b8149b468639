import type { Column, Table } from '../lake/table.ts';
import { isNumbered } from '../lake/table.ts';
import { MONTH_LENGTH } from './slices.ts';

/**
 * The SQL statements of the publication, in Athena's dialect. DDL quotes names with backticks, because Athena parses it
 * like Hive; other statements use double quotes.
 */

/** The names of databases and folders that statements contain. */
export interface PublicationNames {
  /** The Glue database of the Iceberg tables. */
  database: string;
  /** The Glue database of the tables of slices. */
  slices: string;
  bucket: string;
}

/** The column by which Iceberg partitions, beside the declared ones: the UTC day of `ts`, as YYYY-MM-DD. */
export const DAY_COLUMN = 'dt';

/** Queries that started on an older snapshot can still read its files for this long, seconds. */
const SNAPSHOT_SECONDS = 5 * 86_400;

/** Returns the folder of an Iceberg table. Its name must not begin with an underscore: Athena ignores such folders. */
export function icebergPrefix(table: string): string {
  return `iceberg/${table}/`;
}

/** Returns the statement that creates an Iceberg table. */
export function createTable(table: Table, { database, bucket }: PublicationNames): string {
  const columns = [...table.columns.map(definition), `\`${DAY_COLUMN}\` string`];
  const partition =
    table.partitionedBy === 'day' ? `\`${DAY_COLUMN}\`` : `truncate(${MONTH_LENGTH}, \`${DAY_COLUMN}\`)`;
  const properties = {
    table_type: 'ICEBERG',
    format: 'parquet',
    write_compression: 'zstd',
    ...USUAL_PROPERTIES,
    // Otherwise, OPTIMIZE leaves a file with few deleted rows as it is, and the file still contains them.
    optimize_rewrite_delete_file_threshold: '1',
  };
  const listed = Object.entries(properties).map(([name, value]) => `${text(name)} = ${text(value)}`);
  return `CREATE TABLE \`${database}\`.\`${table.name}\` (${columns.join(', ')}) PARTITIONED BY (${partition}) LOCATION ${text(`s3://${bucket}/${icebergPrefix(table.name)}`)} TBLPROPERTIES (${listed.join(', ')})`;
}

/** Returns the statement that appends columns to an Iceberg table. */
export function addColumns(table: Table, columns: readonly Column[], { database }: PublicationNames): string {
  return `ALTER TABLE \`${database}\`.\`${table.name}\` ADD COLUMNS (${columns.map(definition).join(', ')})`;
}

/** Returns the statement that removes a table of landing files from the catalog. Its files stay. */
export function dropTable(table: string, { database }: PublicationNames): string {
  return `DROP TABLE \`${database}\`.\`${table}\``;
}

/**
 * Returns the statement that adds the rows of a slice that the Iceberg table does not have yet. Of several rows with one
 * natural key, the first that was collected stands. Repeating the statement adds nothing.
 *
 * @param days the days of the slice's objects. They restrict the comparison to their partitions.
 */
export function mergeSlice(
  table: Table,
  slice: { name: string; days: readonly string[] },
  { database, slices }: PublicationNames,
): string {
  const names = [...table.columns.map(({ name }) => name), DAY_COLUMN];
  const key = [...table.naturalKey, DAY_COLUMN].map(quoted);
  if (isNumbered(table)) key.push(`CASE WHEN "revision" IS NULL THEN "collected_at" END`);
  const days = [...slice.days].sort().map(text);
  const same = [DAY_COLUMN, ...table.naturalKey].map((name) => isEqual(table, name));
  return `MERGE INTO ${quoted(database)}.${quoted(table.name)} AS target USING (
  SELECT ${names.map(quoted).join(', ')} FROM (
    SELECT *, row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY "collected_at") AS copy
    FROM (
      SELECT ${table.columns.map(selected).join(', ')}, CAST(CAST("ts" AS date) AS varchar) AS ${quoted(DAY_COLUMN)}
      FROM ${quoted(slices)}.${quoted(table.name)} WHERE "slice" = ${text(slice.name)}
    ) AS landing
  ) AS numbered WHERE copy = 1
) AS source ON (target.${quoted(DAY_COLUMN)} IN (${days.join(', ')}) AND ${same.join(' AND ')})
WHEN NOT MATCHED THEN INSERT (${names.map(quoted).join(', ')}) VALUES (${names.map((name) => `source.${quoted(name)}`).join(', ')})`;
}

/** Returns the condition that a natural key's column is the same. Null is the same as null. */
function isEqual(table: Table, name: string): string {
  const target = `target.${quoted(name)}`;
  const source = `source.${quoted(name)}`;
  const isNullable = table.columns.find((column) => column.name === name)?.nullable === true;
  if (!isNullable) return `${target} = ${source}`;
  // A row of before 0.1.0 has no revision. Only a copy was collected at the same time.
  const isCopy = name === 'revision' ? ' AND target."collected_at" = source."collected_at"' : '';
  return `(${target} = ${source} OR (${target} IS NULL AND ${source} IS NULL${isCopy}))`;
}

/**
 * Returns the statement that deletes the rows of earlier days. It names the partition's column only, so that whole files go
 * and none is rewritten.
 */
export function deleteExpired(table: Table, before: string, { database }: PublicationNames): string {
  return `DELETE FROM ${quoted(database)}.${quoted(table.name)} WHERE ${quoted(DAY_COLUMN)} < ${text(before)}`;
}

/** Returns the statement that merges small files. Athena may ask to repeat it. */
export function optimize(table: Table, { database }: PublicationNames): string {
  return `OPTIMIZE ${quoted(database)}.${quoted(table.name)} REWRITE DATA USING BIN_PACK`;
}

/** Returns the statement that deletes old snapshots and their files. Athena may ask to repeat it. */
export function vacuum(table: Table, { database }: PublicationNames): string {
  return `VACUUM \`${database}\`.\`${table.name}\``;
}

/** The table properties that an erasure changes for a moment, with their usual values. */
export const USUAL_PROPERTIES = {
  /** How long VACUUM keeps snapshots, seconds. */
  vacuum_max_snapshot_age_seconds: String(SNAPSHOT_SECONDS),
  /** OPTIMIZE leaves a partition with fewer files to rewrite as it is. Athena's default. */
  optimize_rewrite_data_file_threshold: '5',
} as const;

/** Returns the statement that sets a property of a table. */
export function setProperty(
  table: Table,
  name: keyof typeof USUAL_PROPERTIES,
  value: string,
  { database }: PublicationNames,
): string {
  return `ALTER TABLE \`${database}\`.\`${table.name}\` SET TBLPROPERTIES (${text(name)} = ${text(value)})`;
}

/** Returns a column of DDL, without a comment: Athena documents none for columns that are added. */
function definition({ name, type }: Column): string {
  return `\`${name}\` ${type}`;
}

/** Returns a column as the slice's table has it, with the precision of Iceberg's timestamps. */
function selected({ name, type }: Column): string {
  return type === 'timestamp' ? `CAST(${quoted(name)} AS timestamp(6)) AS ${quoted(name)}` : quoted(name);
}

/** Returns an SQL identifier. */
export function quoted(name: string): string {
  return `"${name}"`;
}

/** Returns an SQL text. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
