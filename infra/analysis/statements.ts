import { collectionRuns } from '../../shared/engine/tables.ts';
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

/** Atlas is younger. Trino's `sequence` has at most 10,000 elements, and one odd date must not stop the compaction. */
const EARLIEST_DAY = '2000-01-01';

/** What part of the touched days one listing asks for. Days are texts, or what stands for them. */
export interface DaysWanted {
  /** The day of the last pass over the lake. */
  since: string;
  /** Only days before it. */
  until: string;
  /** The last one that was built, as `<day>/<table>`; empty for none. */
  after: string;
  most: number;
}

/**
 * The days, table by table, that the runs since the last pass wrote to or emptied, oldest first. A run's row carries the
 * time at which the run began: so the day before the last pass is looked at again.
 */
export function touchedDays(
  tables: readonly CompactedTable[],
  { since, until, after, most }: DaysWanted,
): string {
  const runs = `FROM collection_runs WHERE dt >= CAST(CAST(CAST('${since}' AS date) - INTERVAL '1' DAY AS date) AS varchar)`;
  const spans = `SELECT DISTINCT dataset, greatest(CAST(first_dt AS date), CAST('${EARLIEST_DAY}' AS date)) AS first_day, CAST(last_dt AS date) AS last_day ${runs} AND first_dt IS NOT NULL AND last_dt >= '${EARLIEST_DAY}'`;
  const days = `SELECT dataset, CAST(day AS varchar) AS dt FROM (${spans}) AS spans CROSS JOIN UNNEST(sequence(first_day, last_day, INTERVAL '1' DAY)) AS days (day)`;
  // What a row of this table reports is the rest, and not itself.
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

/** Each dataset that writes to a table, beside its name; '' stands for every one. */
function writers({ table, datasets }: CompactedTable): string[] {
  return (datasets.length === 0 ? [''] : datasets).map((dataset) => `('${dataset}', '${table.name}')`);
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
