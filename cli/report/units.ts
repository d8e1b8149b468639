/** Formats values for people, for the tables of the report and for the charts in the page. */

export type Unit =
  | 'text'
  /** The id of a project or organisation, shown as its name. */
  | 'subject'
  | 'count'
  | 'dollars'
  | 'bytes'
  | 'percent'
  | 'days'
  /** Days until something may happen, shown without false precision. */
  | 'forecast'
  | 'seconds'
  | 'time'
  | 'day'
  /** The first day of a month, shown as the month. */
  | 'month'
  | 'movement';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** How many characters of a text are shown; omitted for all. */
const LENGTHS: { readonly [U in Unit]?: number } = { time: 16, month: 7 };

/** Formats a value as `34.2 GB`, `2 d 3 h` or `79.7 %`. The caller shows the time zone of times. */
export function humanValue(value: string | number | boolean | null, unit: Unit): string {
  if (value === null) return '–';
  if (typeof value !== 'number') return String(value).slice(0, LENGTHS[unit]);
  switch (unit) {
    case 'bytes':
      return humanBytes(value);
    case 'dollars':
      return humanDollars(value);
    case 'percent':
      return `${decimals(value, 1)} %`;
    case 'days':
      return value >= 10 ? `${decimals(value, 0)} d` : humanSeconds(value * 86_400);
    case 'forecast':
      return humanForecast(value);
    case 'seconds':
      return humanSeconds(value);
    case 'movement':
      return value === 0 ? '=' : value > 0 ? `↑ ${value}` : `↓ ${-value}`;
    default:
      return decimals(value, Math.abs(value) < 100 ? 2 : 0);
  }
}

function humanBytes(bytes: number): string {
  const power = Math.min(
    Math.max(0, Math.floor(Math.log10(Math.abs(bytes) || 1) / 3)),
    BYTE_UNITS.length - 1,
  );
  return `${decimals(bytes / 1000 ** power, power === 0 ? 0 : 1)} ${BYTE_UNITS[power]}`;
}

function humanDollars(value: number): string {
  return value.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
    maximumFractionDigits: 2,
  });
}

/** Formats the days until something may happen: a forecast is never exact to the hour, and a far one not to the week. */
function humanForecast(days: number): string {
  if (days < 1) return 'less than a day';
  const about = (count: number, name: string) => `about ${count === 1 ? `a ${name}` : `${count} ${name}s`}`;
  if (days < 13.5) return about(Math.round(days), 'day');
  if (days < 60) return about(Math.round(days / 7), 'week');
  if (days < 730) return about(Math.round(days / 30.4), 'month');
  return days < 3650 ? about(Math.round(days / 365), 'year') : 'more than 10 years';
}

/** Formats a duration with its two largest units, without zeros. */
function humanSeconds(seconds: number): string {
  const rounded = Math.round(seconds);
  const parts: Array<[number, string]> = [
    [Math.floor(rounded / 86_400), 'd'],
    [Math.floor(rounded / 3_600) % 24, 'h'],
    [Math.floor(rounded / 60) % 60, 'min'],
    [rounded % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return `${rounded} s`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(' ');
}

function decimals(value: number, most: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: most });
}
