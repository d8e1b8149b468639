import Table, { type HorizontalAlignment } from 'cli-table3';
import { printable } from '../shared/atlas/untrusted-text.ts';

/** No lines, because narrow terminals need the width for the contents. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** The width of `middle`. */
const BETWEEN = 2;

/** A narrower column of texts would show nothing but its heading. */
const NARROWEST = 8;

type Cell = string | number;

/**
 * Formats rows as columns with headings. Aligns numbers right, removes control characters from texts, and shortens texts
 * if the table is wider than `width`. A pipe or file gets all of each text.
 */
export function plainTable(
  head: readonly string[],
  rows: ReadonlyArray<readonly Cell[]>,
  width = terminalWidth(),
): string {
  const isNumeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const texts = rows.map((row) => row.map(textOf));
  const natural = head.map((name, column) =>
    texts.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), name.length),
  );
  const whole = head.map((_, column) => isWhole(rows, column));
  const widths = fittingWidths(natural, [whole, isNumeric], width);
  const table = new Table({
    head: [...head],
    colAligns: isNumeric.map((numeric): HorizontalAlignment => (numeric ? 'right' : 'left')),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(widths && { colWidths: widths }),
  });
  table.push(...texts);
  // A column is padded to its width, which makes lines longer than necessary.
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Returns how many columns from the left can be shown if texts are shortened. */
export function columnsThatFit(
  head: readonly string[],
  rows: ReadonlyArray<readonly Cell[]>,
  width = terminalWidth(),
): number {
  let used = -BETWEEN;
  for (const [column, name] of head.entries()) {
    const cells = rows.map((row) => textOf(row[column] ?? ''));
    const widest = cells.reduce((most, cell) => Math.max(most, cell.length), name.length);
    used += BETWEEN + (isWhole(rows, column) ? widest : Math.min(widest, NARROWEST));
    if (used > width) return Math.max(column, 1);
  }
  return head.length;
}

/** Tells whether a column has numbers or times. Shortened, they would not be incomplete but wrong. */
function isWhole(rows: ReadonlyArray<readonly Cell[]>, column: number): boolean {
  return rows.every((row) => {
    const cell = row[column] ?? '';
    return typeof cell === 'number' || /^\d{4}-\d{2}-\d{2}/.test(cell);
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? plainNumber(cell) : printable(cell);
}

/** Returns the width of the terminal, in characters. */
function terminalWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : Number.POSITIVE_INFINITY;
}

/**
 * Returns widths that fit, taken from the widest columns of texts; undefined if everything fits.
 * @param kept the columns to keep as they are: first all that should stay, then only those that must
 */
function fittingWidths(
  natural: readonly number[],
  kept: ReadonlyArray<readonly boolean[]>,
  width: number,
): number[] | undefined {
  let excess = natural.reduce((sum, one) => sum + one, BETWEEN * (natural.length - 1)) - width;
  if (excess <= 0) return undefined;
  const widths = [...natural];
  for (const fixed of kept) {
    while (excess > 0) {
      const widest = widths.reduce(
        (best, one, column) =>
          !fixed[column] && one > NARROWEST && one > (widths[best] ?? 0) ? column : best,
        -1,
      );
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
      excess -= 1;
    }
  }
  return widths;
}

/** Formats a number with up to three decimals, or with three significant digits below 1. */
export function plainNumber(number: number): string {
  const small = Math.abs(number) < 1;
  return number.toLocaleString(
    'en-US',
    small ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 3 },
  );
}
