import { timestampFormatter } from './format.ts';
import type { Redactor } from './redaction.ts';
import type { AnyRow, Column, Table } from './table.ts';

/** Encodes a row as one line of NDJSON, with its line feed. */
export type RowEncoder = (row: AnyRow) => string;

type Value = AnyRow[string];

/**
 * A column's part of a line. Rows of one series share most values, so the text of the previous row is kept.
 */
interface ColumnEncoder {
  column: Column;
  label: string;
  encode(value: string | number | boolean): string;
  last: Value | undefined;
  /** The encoded column. */
  text: string;
  /** The line up to and including this column. */
  line: string;
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
      label: `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`,
      encode: change
        ? (value) => encodeValue(change(String(value)))
        : column.type === 'timestamp'
          ? (value) => `"${format(Number(value))}"`
          : encodeValue,
      last: undefined,
      text: '',
      line: '',
    };
  });
  // Whether the previous row was complete, so that the line of every column belongs to it.
  let isWhole = false;
  return (row) => {
    let line = '';
    let isSame = isWhole;
    isWhole = false;
    for (const encoder of encoders) {
      const value = row[encoder.column.name];
      if (value === undefined) throw new MissingColumnError(table, encoder.column);
      if (value !== encoder.last) {
        encoder.last = value;
        encoder.text = encoder.label + (value === null ? 'null' : encoder.encode(value));
        isSame = false;
      }
      if (!isSame) encoder.line = line + encoder.text;
      line = encoder.line;
    }
    isWhole = true;
    return `${line}}\n`;
  };
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
