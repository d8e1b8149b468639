import { codecOfKey } from './compression.ts';

/** A row as an object holds it. Timestamps are texts. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** Parses the rows of an object; null if it is not a valid object of the lake. */
export async function storedRows(key: string, body: Buffer): Promise<StoredRow[] | null> {
  try {
    const lines = (await codecOfKey(key).decompress(body)).toString('utf8').split('\n');
    if (lines.pop() !== '') return null;
    return lines.map(storedRow);
  } catch {
    return null;
  }
}

/** Parses a line of an object. @throws {SyntaxError} */
export function storedRow(line: string): StoredRow {
  const row: unknown = JSON.parse(line);
  if (typeof row !== 'object' || row === null) throw new SyntaxError('a row is not an object');
  return { ...row };
}

/** Returns the instant of a timestamp, ms since the epoch. */
export function storedInstant(value: unknown): number {
  return Date.parse(`${String(value).replace(' ', 'T')}Z`);
}
