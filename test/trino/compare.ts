import { type DuckDBConnection, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import type { Column } from '../../shared/lake/table.ts';
import type { Trino, TrinoValue } from './trino.ts';

/** A value in a form that does not depend on the engine. Timestamps are microseconds since 1970. */
type Plain = string | number | bigint | boolean | null;

/** How many differing rows a comparison describes. */
const MOST_DESCRIBED = 5;

/** The same query for each engine. */
export interface Queries {
  trino: string;
  duckdb: string;
}

/**
 * Runs a query on both engines and compares all rows, in any order. Returns a text for each of the first differences.
 * @param columns the columns of the result, in order
 * @param tolerance the relative difference of two doubles that count as equal
 */
export async function differences(
  engines: { trino: Trino; duckdb: DuckDBConnection },
  queries: Queries,
  columns: ReadonlyArray<Pick<Column, 'name' | 'type'>>,
  tolerance = 0,
): Promise<{ rows: number; differences: string[] }> {
  const { rows } = await engines.trino.run(queries.trino);
  const reader = await engines.duckdb.runAndReadAll(queries.duckdb);
  const typeOf = (index: number) => columns[index]?.type ?? 'string';
  const ours = sorted(rows.map((row) => row.map((its, index) => fromTrino(its, typeOf(index)))));
  const theirs = sorted(
    reader.getRows().map((row) => row.map((its, index) => fromDuckDb(its, typeOf(index)))),
  );
  const found: string[] = [];
  if (ours.length !== theirs.length) found.push(`${ours.length} rows in Trino, ${theirs.length} in DuckDB`);
  for (let row = 0; row < Math.min(ours.length, theirs.length); row += 1) {
    for (const [index, { name }] of columns.entries()) {
      const [its, other] = [ours[row]?.[index], theirs[row]?.[index]];
      if (isSame(its, other, tolerance)) continue;
      found.push(`row ${row}, ${name}: ${shown(its)} in Trino, ${shown(other)} in DuckDB`);
    }
  }
  return { rows: theirs.length, differences: found.slice(0, MOST_DESCRIBED) };
}

/** Returns the columns of a query's result, with the types of the lake that they correspond to. */
export async function columnsOfAnswer(
  duckdb: DuckDBConnection,
  sql: string,
): Promise<Array<Pick<Column, 'name' | 'type'>>> {
  const answer = await duckdb.run(sql);
  return answer
    .columnNames()
    .map((name, index) => ({ name, type: lakeTypeOf(answer.columnType(index).toString()) }));
}

function lakeTypeOf(type: string): Column['type'] {
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  if (type === 'DOUBLE') return 'double';
  if (type === 'BOOLEAN') return 'boolean';
  return /INT/.test(type) ? 'bigint' : 'string';
}

function isSame(its: Plain | undefined, other: Plain | undefined, tolerance: number): boolean {
  if (Object.is(its, other)) return true;
  if (typeof its !== 'number' || typeof other !== 'number') return false;
  return Math.abs(its - other) <= tolerance * Math.max(Math.abs(its), Math.abs(other));
}

/** Sorts rows by everything that is not a double first, so that rows whose doubles differ a little still pair up. */
function sorted(rows: readonly Plain[][]): Plain[][] {
  const keyed = rows.map((row) => {
    const text = (isDouble: boolean) =>
      row
        .map((its) => ((typeof its === 'number') === isDouble ? `${typeof its}${String(its)}` : ''))
        .join('\u0001');
    return { row, key: `${text(false)}\u0002${text(true)}` };
  });
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
}

function fromTrino(its: TrinoValue, type: Column['type']): Plain {
  if (its === null) return null;
  if (type === 'timestamp') return microseconds(String(its));
  if (type === 'int' || type === 'bigint') return BigInt(its);
  if (type === 'double') return Number(its);
  return its;
}

function fromDuckDb(its: DuckDBValue, type: Column['type']): Plain {
  if (its instanceof DuckDBTimestampValue) return its.micros;
  if ((type === 'int' || type === 'bigint') && (typeof its === 'number' || typeof its === 'bigint'))
    return BigInt(its);
  if (its === null || ['string', 'number', 'boolean'].includes(typeof its)) return plain(its);
  throw new Error(`no plain value for ${String(its)}`);
}

function plain(its: DuckDBValue): Plain {
  return typeof its === 'string' || typeof its === 'number' || typeof its === 'boolean' ? its : null;
}

/** Reads a timestamp such as `2026-03-02 12:00:00.000`. */
function microseconds(text: string): bigint {
  const [, date, time, fraction = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(text) ?? [];
  if (date === undefined) throw new Error(`not a timestamp: ${text}`);
  return BigInt(Date.parse(`${date}T${time}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function shown(its: Plain | undefined): string {
  return JSON.stringify(typeof its === 'bigint' ? String(its) : its)?.slice(0, 200) ?? 'nothing';
}
