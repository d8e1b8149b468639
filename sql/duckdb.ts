import type { Engine } from './view.ts';

/** Statements that define Trino's function names in DuckDB. They must run before the views are created. */
export const DUCKDB_MACROS: readonly string[] = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO from_unixtime(seconds) AS make_timestamp(CAST(round(seconds * 1e3) AS BIGINT) * 1000)',
  'CREATE MACRO json_extract_scalar(json, path) AS json_extract_string(json, path)',
  'CREATE MACRO json_format(json) AS CAST(json AS varchar)',
];

/** @param today the day on which spans of recent days end, YYYY-MM-DD */
export function duckdb(today: string): Engine {
  return { today: `CAST('${today}' AS date)`, from: (table) => table, jsonArray: 'JSON[]' };
}
