import type { Table } from '../../shared/lake/table.ts';
import { wholeTable } from '../../sql/athena.ts';

/**
 * What the compaction asks of Athena. Days and places are known only when it runs: they are put in as they are given,
 * a text, or something that stands for one.
 */

/** A table and the datasets whose runs write to it; none where every run does. */
export interface CompactedTable {
  table: Table;
  datasets: readonly string[];
}

/** The table of a table's finished days. */
export function parquetTable(table: string): string {
  return `${table}_parquet`;
}

/**
 * The days before `until` that the runs since the last compaction wrote to or emptied. A run's row carries the time at
 * which the run began: so the day before the last compaction is looked at again.
 */
export function touchedDays({ table, datasets }: CompactedTable, since: string, until: string): string {
  const runs = `FROM collection_runs WHERE dt >= CAST(CAST(CAST('${since}' AS date) - INTERVAL '1' DAY AS date) AS varchar)`;
  // What a row of this table reports is the rest, and not itself.
  if (table.name === 'collection_runs') return `SELECT DISTINCT dt ${runs} AND dt < '${until}' ORDER BY dt`;
  const named = datasets.map((name) => `'${name}'`).join(', ');
  const these = datasets.length === 0 ? '' : ` AND dataset IN (${named})`;
  return `SELECT DISTINCT CAST(day AS varchar) AS dt FROM (SELECT first_dt, last_dt ${runs}${these} AND first_dt IS NOT NULL) CROSS JOIN UNNEST(sequence(CAST(first_dt AS date), CAST(last_dt AS date), INTERVAL '1' DAY)) AS days (day) WHERE CAST(day AS varchar) < '${until}' ORDER BY 1`;
}

/** The rows of a day, sorted by what they are looked up by. */
export function dayQuery(table: Table, day: string): string {
  return `SELECT ${columnNames(table)} FROM ${table.name} WHERE dt = '${day}' ORDER BY ${table.naturalKey.join(', ')}`;
}

/** Writes a whole day to a place where nothing is yet. */
export function unloadDay(table: Table, day: string, location: string): string {
  return `UNLOAD (${dayQuery(table, day)}) TO '${location}' WITH (format = 'PARQUET', compression = 'ZSTD')`;
}

/** The rows of a table: Parquet before the boundary, NDJSON from it on. */
export function wholeTableQuery(table: Table, boundary: string): string {
  const columns = `${columnNames(table)}, dt`;
  return `SELECT ${columns} FROM ${parquetTable(table.name)} WHERE dt < '${boundary}' UNION ALL SELECT ${columns} FROM ${table.name} WHERE dt >= '${boundary}'`;
}

export function moveBoundary(table: Table, boundary: string): string {
  return `CREATE OR REPLACE VIEW ${wholeTable(table.name)} AS ${wholeTableQuery(table, boundary)}`;
}

/** How many rows of the days since some day are there twice, at least. */
export function countDuplicates(since: string): string {
  return `SELECT coalesce(sum(extra_rows), 0) AS extra_rows FROM duplicate_rows WHERE dt >= CAST(CAST(CAST('${since}' AS date) - INTERVAL '1' DAY AS date) AS varchar)`;
}

function columnNames({ columns }: Table): string {
  return columns.map(({ name }) => name).join(', ');
}
