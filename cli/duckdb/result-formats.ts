import { humanValue } from '../report/units.ts';
import type { PlainValue } from './plain-value.ts';
import { tableText, verticalText } from './table-format.ts';

/** The result of a query, in chunks. */
export interface QueryResult {
  columns: readonly string[];
  chunks: AsyncIterable<PlainValue[][]>;
}

/** `parquet` is written by DuckDB itself, with the types of the result. */
export const FORMATS = ['table', 'csv', 'json', 'parquet', 'vertical'] as const;
export type Format = (typeof FORMATS)[number];
export type TextFormat = Exclude<Format, 'parquet'>;

export interface FormatOptions {
  format: TextFormat;
  /** Writes texts to CSV as they are, even if a spreadsheet would run them as formulas. */
  rawCsv: boolean;
}

/** Formats for people show every result, formats for programs have room for one. */
export function isForPeople(format: Format): boolean {
  return format === 'table' || format === 'vertical';
}

/**
 * Formats a result as pieces of text.
 * @param note receives remarks for the reader that are not part of the text
 */
export function formatted(
  result: QueryResult,
  { format, rawCsv }: FormatOptions,
  note: (line: string) => void,
): AsyncIterable<string> {
  switch (format) {
    case 'csv':
      return csv(result, rawCsv ? String : withoutFormula);
    case 'json':
      return json(result);
    case 'vertical':
      return verticalText(readable(result));
    default:
      return tableText(readable(result), note);
  }
}

/** Formats as RFC 4180 with a heading, but with LF line ends. An empty field is null, `""` is an empty text. */
async function* csv(
  { columns, chunks }: QueryResult,
  textOf: (text: string) => string,
): AsyncIterable<string> {
  const line = (row: readonly PlainValue[]) => `${row.map((value) => csvField(value, textOf)).join(',')}\n`;
  yield line(columns);
  for await (const rows of chunks) yield rows.map(line).join('');
}

function csvField(value: PlainValue, textOf: (text: string) => string): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? textOf(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The first characters of formulas. Some spreadsheets skip a leading tab or line end, or accept wide characters. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Numbers that JavaScript cannot represent arrive as texts. */
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Returns a text that no spreadsheet takes for a formula. Anyone who can try to log in can choose a user name. */
function withoutFormula(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
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

/** Columns with a number of bytes, by the names that tables and views use. */
const BYTES = /(^|_)bytes($|_(growth|used|free|total)$)/;

/** Formats numbers of bytes for people, as `34.2 GB`. */
function readable({ columns, chunks }: QueryResult): QueryResult {
  const isBytes = columns.map((name) => BYTES.test(name));
  async function* converted(): AsyncIterable<PlainValue[][]> {
    for await (const rows of chunks) {
      yield rows.map((row) =>
        row.map((value, index) =>
          isBytes[index] && typeof value === 'number' ? humanValue(value, 'bytes') : value,
        ),
      );
    }
  }
  return { columns, chunks: isBytes.includes(true) ? converted() : chunks };
}
