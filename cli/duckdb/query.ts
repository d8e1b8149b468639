import { type DuckDBConnection, type DuckDBResult, StatementType } from '@duckdb/node-api';
import { UsageFailure } from '../failure.ts';
import { inOneLine } from './errors.ts';
import { type PlainValue, plainValue } from './plain-value.ts';
import type { QueryResult } from './result-formats.ts';
import { refusedWord, type Statement } from './statements.ts';
import { quoted } from './table-sql.ts';

/**
 * Runs a query and reads the result in chunks, so that it does not have to fit into memory.
 * @throws {UsageFailure} with DuckDB's error message on one line
 */
export async function runQuery(connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  return resultOf(await inOneLine(() => connection.stream(sql)));
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

/** The types of statements that change nothing but definitions in memory. */
const READING = new Set([StatementType.SELECT, StatementType.EXPLAIN, StatementType.CREATE]);

/**
 * Parses statements before the first one runs.
 * @throws {UsageFailure} when one of them cannot be parsed, or does more than read
 */
export async function checkStatements(
  connection: DuckDBConnection,
  statements: readonly Statement[],
): Promise<void> {
  for (const statement of statements) {
    const word = refusedWord(statement);
    if (word !== null) throw refusal(word);
    await inOneLine(() => connection.extractStatements(statement.sql));
  }
}

/**
 * Runs a statement that only reads. Returns null for one without a result, such as CREATE VIEW.
 * @throws {UsageFailure} when it does more than read, or fails
 */
export async function runStatement(
  connection: DuckDBConnection,
  { sql }: Statement,
): Promise<QueryResult | null> {
  // DuckDB turns one PIVOT into several statements.
  const parts = await inOneLine(() => connection.extractStatements(sql));
  let result: QueryResult | null = null;
  for (let index = 0; index < parts.count; index += 1) {
    const part = await inOneLine(() => parts.prepare(index));
    if (!READING.has(part.statementType)) throw refusal(StatementType[part.statementType] ?? 'this');
    const rows = await inOneLine(() => part.stream());
    if (part.statementType === StatementType.CREATE) await inOneLine(() => rows.fetchAllChunks());
    else result = resultOf(rows);
  }
  return result;
}

/** Writes the result of a statement to a Parquet file that SQL may write. */
export async function copyTo(connection: DuckDBConnection, { sql }: Statement, file: string): Promise<void> {
  // The line break ends a comment at the end of the query.
  await inOneLine(() => connection.run(`COPY (${sql}\n) TO ${quoted(file)} (FORMAT parquet)`));
}

function refusal(word: string): UsageFailure {
  return new UsageFailure(
    `queries only read, so ${word} is not possible; --output FILE writes a result to a file`,
  );
}

function resultOf(result: DuckDBResult): QueryResult {
  return { columns: result.columnNames(), chunks: plainChunks(result) };
}

async function* plainChunks(result: DuckDBResult): AsyncIterable<PlainValue[][]> {
  const chunks = result.yieldRows();
  for (;;) {
    const next = await inOneLine(() => chunks.next());
    if (next.done) return;
    yield next.value.map((row) => row.map(plainValue));
  }
}
