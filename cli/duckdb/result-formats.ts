import { plainTable } from '../plain-table.ts';
import type { PlainValue } from './plain-value.ts';

/** A query's answer, chunk by chunk. */
export interface Answer {
  columns: readonly string[];
  chunks: AsyncIterable<PlainValue[][]>;
}

export const FORMATS = ['table', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** More rows are not read from a terminal, and to align them all would need them all in memory. */
const TABLE_ROWS = 1_000;

/**
 * Writes an answer in one of the formats, as pieces of text.
 * @param note told what a reader must know beside the text
 */
export function formatted(
  answer: Answer,
  format: Format,
  note: (line: string) => void,
): AsyncIterable<string> {
  if (format === 'csv') return csv(answer);
  return format === 'json' ? json(answer) : table(answer, note);
}

/** RFC 4180, but for line feeds alone: a heading, then rows. Nothing between commas is null, `""` is an empty text. */
async function* csv({ columns, chunks }: Answer): AsyncIterable<string> {
  yield `${columns.map(csvField).join(',')}\n`;
  for await (const rows of chunks) yield rows.map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

function csvField(value: PlainValue): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An array of objects, one on each line. */
async function* json({ columns, chunks }: Answer): AsyncIterable<string> {
  let before = '[';
  for await (const rows of chunks) {
    for (const row of rows) {
      yield `${before}\n${JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]])))}`;
      before = ',';
    }
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

async function* table({ columns, chunks }: Answer, note: (line: string) => void): AsyncIterable<string> {
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
    note(`${shown.length} of ${count} rows are shown; --format csv or --format json gives all`);
  }
}

/** What Atlas's users named must not steer a terminal. */
function cell(value: PlainValue): string | number {
  if (value === null) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return typeof value === 'number' ? value : String(value).replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}
