import Table, { type HorizontalAlignment } from 'cli-table3';
import { printable } from '../shared/atlas/untrusted-text.ts';

/** No lines, because narrow terminals need the width for the contents. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Formats rows as columns with headings. Aligns numbers right, and removes control characters from texts. */
export function plainTable(
  head: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
): string {
  const colAligns = head.map(
    (_, column): HorizontalAlignment =>
      rows.length > 0 && rows.every((row) => typeof row[column] === 'number') ? 'right' : 'left',
  );
  const table = new Table({
    head: [...head],
    colAligns,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) {
    table.push(row.map((cell) => (typeof cell === 'number' ? plainNumber(cell) : printable(cell))));
  }
  return table.toString();
}

/** Formats a number with up to three decimals, or with three significant digits below 1. */
function plainNumber(number: number): string {
  const small = Math.abs(number) < 1;
  return number.toLocaleString(
    'en-US',
    small ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 3 },
  );
}
