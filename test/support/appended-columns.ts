import { HOUR } from '../../shared/durations.ts';
import type { AnyRow, Column, Table } from '../../shared/lake/table.ts';
import { lakeTime } from './times.ts';
import { anyRow } from './written-rows.ts';

/** Columns that a later version could append: one of each type. */
export const ADDED = (['string', 'double', 'int', 'bigint', 'boolean', 'timestamp'] as const).map(
  (type): Column => ({ name: `added_${type}`, type, nullable: true, description: 'Appended.' }),
);

/** Returns the table as a later version declares it. */
export function appendTo(table: Table): Table {
  return { ...table, columns: [...table.columns, ...ADDED] };
}

/** A query's answer for the appended columns of a row that an older version wrote. */
export const NO_VALUES = Object.fromEntries(ADDED.map(({ name }) => [name, null]));

/** Returns a row of an older or later version of a table. Its appended columns distinguish it from other rows. */
export function rowAt(table: Table, ts: number): AnyRow {
  return {
    ...anyRow(table, { ts }),
    ...(table.columns.some((column) => ADDED.includes(column)) ? addedValues(ts) : {}),
  };
}

/** Returns a query's answer for the appended columns of such a row. */
export function addedAnswer(ts: number): Record<string, unknown> {
  return { ...addedValues(ts), added_timestamp: lakeTime(ts) };
}

function addedValues(ts: number) {
  return {
    added_string: `row of ${ts}`,
    added_double: ts / 1e6,
    added_int: (ts / HOUR) % 1_000_000,
    added_bigint: ts,
    added_boolean: true,
    added_timestamp: ts,
  };
}
