import { timestampFormatter } from './format.ts';
import type { Redactor } from './redaction.ts';
import type { AnyRow, Column, Table } from './table.ts';

/** Encodes a row as one line of NDJSON, with its line feed. */
export type RowEncoder = (row: AnyRow) => Line;

/**
 * A line in two parts. Rows of one series differ only in the last columns: their lines have the same `start`, which is
 * then written without being encoded again.
 */
export interface Line {
  start: string;
  rest: string;
}

/** Returns the text of a line. */
export function wholeLine({ start, rest }: Line): string {
  return start + rest;
}

type Value = AnyRow[string];

/** A column's part of a line. The text of the previous row is kept. */
interface ColumnEncoder {
  column: Column;
  index: number;
  label: string;
  encode(value: string | number | boolean): string;
  last: Value | undefined;
  /** The encoded column. */
  text: string;
}

/**
 * Compiles a table's declaration into a function that encodes its rows, with columns in declared order and
 * the redaction applied.
 */
export function rowEncoder(table: Table, redactor: Redactor): RowEncoder {
  const encoders = table.columns.map((column, index): ColumnEncoder => {
    const format = timestampFormatter();
    const change = redactor.changeOf(table, column);
    return {
      column,
      index,
      label: `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`,
      encode: change
        ? (value) => encodeValue(change(String(value)))
        : column.type === 'timestamp'
          ? (value) => `"${format(Number(value))}"`
          : encodeValue,
      last: undefined,
      text: '',
    };
  });
  // The text of the first columns, until one of them changes.
  let shared = { columns: 0, text: '' };
  return (row) => {
    let same = encoders.length;
    let rest = '';
    for (const encoder of encoders) {
      const value = row[encoder.column.name];
      if (value === undefined) throw new MissingColumnError(table, encoder.column);
      if (value !== encoder.last) {
        encoder.last = value;
        encoder.text = encoder.label + (value === null ? 'null' : encoder.encode(value));
        same = Math.min(same, encoder.index);
        // Here, because the row may lack a later column.
        if (encoder.index < shared.columns) shared = { columns: 0, text: '' };
      }
      if (encoder.index >= same) rest += encoder.text;
    }
    if (same !== shared.columns) shared = { columns: same, text: textsOf(encoders.slice(0, same)) };
    return { start: shared.text, rest: `${rest}}\n` };
  };
}

function textsOf(encoders: readonly ColumnEncoder[]): string {
  return encoders.map(({ text }) => text).join('');
}

/**
 * Encodes a value. Half of a surrogate pair becomes U+FFFD, because readers reject a whole file that contains
 * one.
 */
function encodeValue(value: Value): string {
  return JSON.stringify(typeof value === 'string' ? value.toWellFormed() : value);
}

/** A row lacks a column of its table, which is a bug in a dataset. */
export class MissingColumnError extends Error {
  override readonly name = 'MissingColumnError';
  constructor(table: Table, column: Column) {
    super(`a row of ${table.name} lacks the column ${column.name}`);
  }
}
