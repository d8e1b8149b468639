import { plainTable } from '../plain-table.ts';
import type { PlainValue } from './plain-value.ts';

/** The result of a query, in chunks. */
export interface QueryResult {
  columns: readonly string[];
  chunks: AsyncIterable<PlainValue[][]>;
}

export const FORMATS = ['table', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** Maximum rows in a table. More is not readable in a terminal, and aligning the columns needs all rows in memory. */
const TABLE_ROWS = 1_000;

/**
 * Formats a result as pieces of text.
 * @param note receives remarks for the reader that are not part of the text
 */
export function formatted(
  result: QueryResult,
  format: Format,
  note: (line: string) => void,
): AsyncIterable<string> {
  if (format === 'csv') return csv(result);
  return format === 'json' ? json(result) : table(result, note);
}

/** Formats as RFC 4180 with a heading, but with LF line ends. An empty field is null, `""` is an empty text. */
async function* csv({ columns, chunks }: QueryResult): AsyncIterable<string> {
  yield `${columns.map(csvField).join(',')}\n`;
  for await (const rows of chunks) yield rows.map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

function csvField(value: PlainValue): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Formats as a JSON array with one object on each line. */
async function* json({ columns, chunks }: QueryResult): AsyncIterable<string> {
  let before = '[';
  for await (const rows of chunks) {
    for (const row of rows) {
      yield `${before}\n${JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]])))}`;
      before = ',';
    }
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

async function* table({ columns, chunks }: QueryResult, note: (line: string) => void): AsyncIterable<string> {
  const shown: PlainValue[][] = [];
  let count = 0;
  for await (const rows of chunks) {
    count += rows.length;
    shown.push(...rows.slice(0, TABLE_ROWS - shown.length));
  }
  yield `${plainTable(
    columns,
    shown.map((row) => row.map(cell)),
  )}\n`;
  if (count > shown.length) {
    note(`showing ${shown.length} of ${count} rows; use --format csv or --format json to get all`);
  }
}

/** Removes control characters: names from Atlas must not control the terminal. */
function cell(value: PlainValue): string | number {
  if (value === null) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
  return typeof value === 'number' ? value : String(value).replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}
