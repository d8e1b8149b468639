/** How values are written. Hive's JSON SerDe and DuckDB both read these forms as they stand. */

/** `YYYY-MM-DD HH:MM:SS.mmm`, UTC. */
export function formatTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 23);
}

/** The UTC day of an instant: `YYYY-MM-DD`, the value of the partition column `dt`. */
export function utcDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
