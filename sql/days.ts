/** Date arithmetic in SQL that has the same meaning in DuckDB and Athena. */

/**
 * Returns SQL for the day that is `days` after another, as the text that `dt` holds. The result is cast to a date
 * first, because DuckDB returns a timestamp for a date plus an interval.
 * @param date an SQL expression of type `date`
 */
export function daysFrom(date: string, days: number): string {
  const sign = days < 0 ? '-' : '+';
  return `CAST(CAST(${date} ${sign} INTERVAL '${Math.abs(days)}' DAY AS date) AS varchar)`;
}
