import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { timestampFormatter } from '../../shared/lake/format.ts';

/** A value as people and other programs read it. */
export type PlainValue = string | number | boolean | null;

const timestamp = timestampFormatter();

/**
 * Numbers stay numbers as far as JavaScript can hold them, timestamps get the form that they have in the lake's
 * files, everything else DuckDB's own.
 */
export function plainValue(value: DuckDBValue): PlainValue {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBTimestampValue && value.micros % 1000n === 0n && isYear4(value)) {
    return timestamp(Number(value.micros / 1000n));
  }
  return String(value);
}

/** Whether the formatter's four digits of a year suffice. */
function isYear4({ micros }: DuckDBTimestampValue): boolean {
  return micros >= 0n && micros < 253_402_300_800_000_000n;
}
