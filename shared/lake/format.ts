/** How values are written. Hive's JSON SerDe and DuckDB both read these forms as they stand. */

/** Milliseconds; UTC has no days of other lengths. */
export const DAY = 86_400_000;

/** The UTC day of an instant: `YYYY-MM-DD`, the value of the partition column `dt`. */
export function utcDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/**
 * Writes instants as `YYYY-MM-DD HH:MM:SS.mmm`, UTC. Rows come by the hundred thousand and most of a day together:
 * what is the same as in the row before is not made again.
 */
export function timestampFormatter(): (milliseconds: number) => string {
  let day = Number.NaN;
  let date = '';
  return (milliseconds) => {
    const its = Math.floor(milliseconds / DAY);
    if (its !== day) {
      day = its;
      date = utcDay(milliseconds);
    }
    const rest = milliseconds - its * DAY;
    const seconds = Math.floor(rest / 1000);
    const minutes = Math.floor(seconds / 60);
    const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
    return `${date} ${clock}.${String(rest % 1000).padStart(3, '0')}`;
  };
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function two(number: number): string {
  return TWO_DIGITS[number] ?? '';
}
