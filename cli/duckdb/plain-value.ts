import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { timestampFormatter } from '../../shared/lake/format.ts';

/** A value that people and other programs can read. */
export type PlainValue = string | number | boolean | null;

const timestamp = timestampFormatter();

/**
 * Converts a DuckDB value. Numbers stay numbers if JavaScript can represent them, timestamps get the format of the
 * lake's files, and other values get DuckDB's format.
 */
export function plainValue(value: DuckDBValue): PlainValue {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBTimestampValue && value.micros % 1000n === 0n && isYear4(value)) {
    return timestamp(Number(value.micros / 1000n));
  }
  return String(value);
}

/** Tells whether the year has four digits, which the formatter requires. */
function isYear4({ micros }: DuckDBTimestampValue): boolean {
  return micros >= 0n && micros < 253_402_300_800_000_000n;
}
