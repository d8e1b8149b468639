import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { inOneLine } from './errors.ts';
import { type PlainValue, plainValue } from './plain-value.ts';
import type { QueryResult } from './result-formats.ts';

/**
 * Runs a query and reads the result in chunks, so that it does not have to fit into memory.
 * @throws {UsageFailure} with DuckDB's error message on one line
 */
export async function runQuery(connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  const result = await inOneLine(() => connection.stream(sql));
  return { columns: result.columnNames(), chunks: plainChunks(result) };
}

/** Returns the complete result of a query as objects. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<Array<Record<string, PlainValue>>> {
  const { columns, chunks } = await runQuery(connection, sql);
  const all: Array<Record<string, PlainValue>> = [];
  for await (const rows of chunks) {
    for (const row of rows)
      all.push(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
  }
  return all;
}

async function* plainChunks(result: DuckDBResult): AsyncIterable<PlainValue[][]> {
  const chunks = result.yieldRows();
  for (;;) {
    const next = await inOneLine(() => chunks.next());
    if (next.done) return;
    yield next.value.map((row) => row.map(plainValue));
  }
}
