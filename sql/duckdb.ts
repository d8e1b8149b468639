import type { Engine } from './view.ts';

/** Statements that define Trino's function names in DuckDB. They must run before the views are created. */
export const DUCKDB_MACROS: readonly string[] = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO from_unixtime(seconds) AS make_timestamp(CAST(round(seconds * 1e3) AS BIGINT) * 1000)',
  'CREATE MACRO sequence(first, last, step) AS generate_series(CAST(first AS timestamp), CAST(last AS timestamp), step)',
  'CREATE MACRO json_extract_scalar(json, path) AS json_extract_string(json, path)',
  'CREATE MACRO json_format(json) AS CAST(json AS varchar)',
];

/** DuckDB's formats of a day, of the Monday of its ISO week, and of any day by its ISO week. */
const DAY = '%Y-%m-%d';
const MONDAY = '%G-%V-1';
const WEEKDAY = '%G-%V-%u';

/**
 * Returns SQL for the start of a day. DuckDB applies a condition to the names of files only if none of its functions
 * can fail. A cast from text can, and so can `+`. This function and `list_sum` cannot.
 */
function instantOf(day: string): string {
  return `try_strptime(${day}, '${DAY}')`;
}

/** @param today the day on which spans of recent days end, YYYY-MM-DD */
export function duckdb(today: string): Engine {
  return {
    today: `CAST('${today}' AS date)`,
    // One table has all rows at once.
    from: (table) => table,
    landing: (table) => table,
    dayAfter: (day, days) =>
      `strftime(to_timestamp(list_sum([epoch(${instantOf(day)}), ${days * 86_400}e0])), '${DAY}')`,
    mondayOf: (day) =>
      `strftime(try_strptime(strftime(${instantOf(day)}, '${MONDAY}'), '${WEEKDAY}'), '${DAY}')`,
    jsonArray: 'JSON[]',
  };
}
