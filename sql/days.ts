/** Arithmetic on days, in SQL that means the same in DuckDB and Athena. */

/**
 * A day some days from another, as the text that `dt` holds. Cast back to a date first: DuckDB makes a timestamp of
 * a date and an interval.
 * @param date an SQL expression of type `date`
 */
export function daysFrom(date: string, days: number): string {
  const sign = days < 0 ? '-' : '+';
  return `CAST(CAST(${date} ${sign} INTERVAL '${Math.abs(days)}' DAY AS date) AS varchar)`;
}

/** The Monday of the week of `dt`, as text. */
export const MONDAY = "CAST(CAST(date_trunc('week', CAST(dt AS date)) AS date) AS varchar)";
