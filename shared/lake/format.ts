import { DAY } from '../durations.ts';

/** The formats of values. Hive's JSON SerDe and DuckDB both read them without conversion. */

/** Returns the UTC day of an instant: `YYYY-MM-DD`, the value of the partition column `dt`. */
export function utcDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/**
 * Returns a formatter that writes instants as `YYYY-MM-DD HH:MM:SS.mmm`, UTC. There are hundreds of thousands
 * of rows, most of the same day, so it reuses the date of the previous row.
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
