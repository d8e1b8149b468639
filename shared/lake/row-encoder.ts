import { formatTimestamp } from './format.ts';
import type { AnyRow, Column, Table } from './table.ts';

/** One line of NDJSON for a row, with its line feed. */
export type RowEncoder = (row: AnyRow) => string;

/** Compiles a table's declaration into the function that writes its rows, columns in their declared order. */
export function rowEncoder(table: Table): RowEncoder {
  const columns = table.columns.map((column, index) => ({
    name: column.name,
    label: `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`,
    encode: column.type === 'timestamp' ? encodeTimestamp : encodePlain,
    column,
  }));
  return (row) => {
    let line = '';
    for (const { name, label, encode, column } of columns) {
      const value = row[name];
      if (value === undefined) throw new MissingColumnError(table, column);
      line += label + (value === null ? 'null' : encode(value));
    }
    return `${line}}\n`;
  };
}

/** A row lacks a column of its table: a mistake in a dataset's code. */
export class MissingColumnError extends Error {
  override readonly name = 'MissingColumnError';
  constructor(table: Table, column: Column) {
    super(`a row of ${table.name} lacks the column ${column.name}`);
  }
}

function encodeTimestamp(value: string | number | boolean): string {
  return `"${formatTimestamp(Number(value))}"`;
}

function encodePlain(value: string | number | boolean): string {
  return JSON.stringify(value);
}
