import { columnsThatFit, plainNumber, plainTable } from '../plain-table.ts';
import type { PlainValue } from './plain-value.ts';
import type { QueryResult } from './result-formats.ts';

/** Maximum rows in a table. More is not readable in a terminal, and aligning the columns needs all rows in memory. */
const TABLE_ROWS = 1_000;

/** Formats a result as a table that fits the terminal. @param note receives what the table leaves out */
export async function* tableText(
  { columns, chunks }: QueryResult,
  note: (line: string) => void,
): AsyncIterable<string> {
  const shown: PlainValue[][] = [];
  let count = 0;
  for await (const rows of chunks) {
    count += rows.length;
    shown.push(...rows.slice(0, TABLE_ROWS - shown.length));
  }
  if (isPlan(columns)) {
    yield shown.map(([, plan]) => `${plan}\n`).join('');
    return;
  }
  const cells = shown.map((row) => row.map(cell));
  const fitting = columnsThatFit(columns, cells);
  yield `${plainTable(
    columns.slice(0, fitting),
    cells.map((row) => row.slice(0, fitting)),
  )}\n`;
  if (fitting < columns.length) {
    note(`showing ${fitting} of ${columns.length} columns; use --format vertical to see all`);
  }
  if (count > shown.length) {
    note(`showing ${shown.length} of ${count} rows; use --format csv or --format json to get all`);
  }
}

/** Formats each row as a list of its columns. */
export async function* verticalText({ columns, chunks }: QueryResult): AsyncIterable<string> {
  const width = Math.max(...columns.map((name) => name.length));
  let number = 0;
  for await (const rows of chunks) {
    for (const row of rows) {
      number += 1;
      const lines = columns.map((name, index) => {
        const value = cell(row[index] ?? null);
        return `${name.padEnd(width)}  ${typeof value === 'number' ? plainNumber(value) : value}`.trimEnd();
      });
      yield `${number === 1 ? '' : '\n'}row ${number}\n${lines.join('\n')}\n`;
    }
  }
}

/** DuckDB draws the plan of an EXPLAIN over several lines. */
function isPlan(columns: readonly string[]): boolean {
  return columns.join() === 'explain_key,explain_value';
}

/** Removes control characters: names from Atlas must not control the terminal. */
function cell(value: PlainValue): string | number {
  if (value === null) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
  return typeof value === 'number' ? value : String(value).replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}
