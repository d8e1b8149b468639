import { collectionRuns } from '../../shared/engine/tables.ts';
import type { Table } from '../../shared/lake/table.ts';

/**
 * The compaction's SQL statements for Athena. Days and locations are known only when it runs, so each may be a text or
 * a placeholder such as `$since`.
 */

/** A table and the datasets that write to it. The list is empty where every dataset does. */
export interface CompactedTable {
  table: Table;
  datasets: readonly string[];
}

/** Returns the name of the view that reads a table's finished days from Parquet and other days from NDJSON. */
export function wholeTable(table: string): string {
  return `${table}_all`;
}

/** Returns the name of the Parquet table that holds a table's finished days. */
export function parquetTable(table: string): string {
  return `${table}_parquet`;
}

/** Atlas has no older data. Trino's `sequence` allows at most 10,000 elements, and one wrong date must not stop all. */
const EARLIEST_DAY = '2000-01-01';

/** The part of the touched days that one listing requests. Days are texts or placeholders. */
export interface DaysWanted {
  /** The day of the last pass over the lake. */
  since: string;
  /** Lists only days before this one. */
  until: string;
  /** The last day that was built, as `<day>/<table>`; empty for none. */
  after: string;
  most: number;
}

/**
 * Returns the query that lists the days, by table, that runs since the last pass wrote to or emptied, oldest first.
 * A run's row is dated when the run started, so the query also reads the day before the last pass.
 */
export function touchedDays(
  tables: readonly CompactedTable[],
  { since, until, after, most }: DaysWanted,
): string {
  const runs = `FROM collection_runs WHERE dt >= CAST(CAST(CAST('${since}' AS date) - INTERVAL '1' DAY AS date) AS varchar)`;
  const spans = `SELECT DISTINCT dataset, greatest(CAST(first_dt AS date), CAST('${EARLIEST_DAY}' AS date)) AS first_day, CAST(last_dt AS date) AS last_day ${runs} AND first_dt IS NOT NULL AND last_dt >= '${EARLIEST_DAY}'`;
  const days = `SELECT dataset, CAST(day AS varchar) AS dt FROM (${spans}) AS spans CROSS JOIN UNNEST(sequence(first_day, last_day, INTERVAL '1' DAY)) AS days (day)`;
  // A row of `collection_runs` reports the days of the other tables, not its own.
  const reported = tables.filter(({ table }) => table.name !== collectionRuns.name).flatMap(writers);
  const itself = tables.some(({ table }) => table.name === collectionRuns.name)
    ? [`SELECT dt, '${collectionRuns.name}' AS name ${runs}`]
    : [];
  const others =
    reported.length === 0
      ? []
      : [
          `SELECT touched.dt AS dt, writers.name AS name FROM (${days}) AS touched JOIN (VALUES ${reported.join(', ')}) AS writers (dataset, name) ON writers.dataset = '' OR writers.dataset = touched.dataset`,
        ];
  return `SELECT DISTINCT dt, name FROM (${[...others, ...itself].join(' UNION ALL ')}) AS listed WHERE dt < '${until}' AND dt || '/' || name > '${after}' ORDER BY dt, name LIMIT ${most}`;
}

/** Returns an SQL tuple of dataset and table for each dataset that writes to the table; '' stands for all datasets. */
function writers({ table, datasets }: CompactedTable): string[] {
  return (datasets.length === 0 ? [''] : datasets).map((dataset) => `('${dataset}', '${table.name}')`);
}

/** Returns the query for the rows of a day, sorted by natural key. */
export function dayQuery(table: Table, day: string): string {
  return `SELECT ${columnNames(table)} FROM ${table.name} WHERE dt = '${day}' ORDER BY ${table.naturalKey.join(', ')}`;
}

/** Returns the statement that writes all rows of a day to an empty location. */
export function unloadDay(table: Table, day: string, location: string): string {
  return `UNLOAD (${dayQuery(table, day)}) TO '${location}' WITH (format = 'PARQUET', compression = 'ZSTD')`;
}

/** Returns the query for all rows of a table: Parquet before the boundary, NDJSON from the boundary on. */
export function wholeTableQuery(table: Table, boundary: string): string {
  const columns = `${columnNames(table)}, dt`;
  return `SELECT ${columns} FROM ${parquetTable(table.name)} WHERE dt < '${boundary}' UNION ALL SELECT ${columns} FROM ${table.name} WHERE dt >= '${boundary}'`;
}

/** Returns the statement that makes a table's view read Parquet up to another boundary. */
export function moveBoundary(table: Table, boundary: string): string {
  return `CREATE OR REPLACE VIEW ${wholeTable(table.name)} AS ${wholeTableQuery(table, boundary)}`;
}

/** Returns the query that counts the duplicate rows since the day before a day. */
export function countDuplicates(since: string): string {
  return `SELECT coalesce(sum(extra_rows), 0) AS extra_rows FROM duplicate_rows WHERE dt >= CAST(CAST(CAST('${since}' AS date) - INTERVAL '1' DAY AS date) AS varchar)`;
}

function columnNames({ columns }: Table): string {
  return columns.map(({ name }) => name).join(', ');
}
