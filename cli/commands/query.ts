import { createWriteStream, fstatSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { lakeTables } from '../../sql/tables.ts';
import { views } from '../../sql/views.ts';
import { COMMAND } from '../command-name.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { checkStatements, copyTo, runStatement } from '../duckdb/query.ts';
import { type Format, type FormatOptions, formatted, isForPeople } from '../duckdb/result-formats.ts';
import { hasResult, type Statement, statementsOf } from '../duckdb/statements.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { Interrupted } from '../interruption.ts';
import { plainTable } from '../plain-table.ts';
import { systemAdvice } from '../system-errors.ts';

export interface QueryOptions {
  lake: string;
  format: Format;
  output?: string;
  rawCsv: boolean;
}

/** Runs SQL on a lake's folder. Without SQL, it lists the tables and views. */
export async function query(given: string | undefined, options: QueryOptions): Promise<number> {
  const sql = given === '-' || (given === undefined && hasInput()) ? await textOf(process.stdin) : given;
  if (sql === undefined) {
    process.stdout.write(`${overview()}\n`);
    return EXIT.done;
  }
  const statements = statementsOf(sql);
  if (statements.length === 0) {
    throw new UsageFailure('the query is empty: give an SQL query, or none to list the tables and views');
  }
  const { format } = options;
  if (!isForPeople(format) && statements.filter(hasResult).length !== 1) {
    throw new UsageFailure(`--format ${format} has room for one result: give one query`);
  }
  if (format === 'parquet') await writeParquet(statements, options);
  else await writeText(statements, { ...options, format });
  return EXIT.done;
}

/** Tells whether a file or another program is the standard input, and not a terminal or nothing. */
function hasInput(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
}

async function writeText(
  statements: readonly Statement[],
  { lake, output, ...format }: Omit<QueryOptions, 'format'> & FormatOptions,
): Promise<void> {
  const note = (line: string) => process.stderr.write(`${line}\n`);
  await withLakeDatabase(lake, async (connection, signal) => {
    await checkStatements(connection, statements);
    async function* pieces(): AsyncGenerator<string> {
      let between = '';
      for (const statement of statements) {
        if (signal.aborted) throw new Interrupted();
        const result = await runStatement(connection, statement);
        if (result === null) continue;
        yield between;
        yield* formatted(result, format, note);
        between = '\n';
      }
    }
    await write(pieces(), output, signal);
  });
}

/** Writes a result with DuckDB's own types. The file is complete, or it is not there. */
async function writeParquet(statements: readonly Statement[], { lake, output }: QueryOptions): Promise<void> {
  if (output === undefined) throw new UsageFailure('--format parquet needs --output FILE');
  const file = path.resolve(output);
  const part = `${file}.part`;
  const copy = async (connection: DuckDBConnection) => {
    await checkStatements(connection, statements);
    for (const statement of statements) {
      if (hasResult(statement)) await copyTo(connection, statement, part);
      else await runStatement(connection, statement);
    }
  };
  try {
    await withLakeDatabase(lake, copy, [part]);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function write(
  text: AsyncGenerator<string>,
  output: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (output === undefined) await pipeline(Readable.from(text), process.stdout, { end: false, signal });
    else await pipeline(Readable.from(text), createWriteStream(output), { signal });
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    if (error instanceof UsageFailure || !(error instanceof Error)) throw error;
    // The reader closed the pipe, as in `… | head`.
    if (output === undefined && 'code' in error && error.code === 'EPIPE') return;
    const why = systemAdvice(error)?.says ?? error.message;
    throw new UsageFailure(`cannot write the result: ${why}`, { cause: error });
  } finally {
    // DuckDB waits for a running statement when the connection closes, and then nothing could interrupt it.
    await text.return(undefined).catch(() => {});
  }
}

function overview(): string {
  const list = (items: ReadonlyArray<{ name: string; description: string }>) =>
    plainTable(
      ['name', 'description'],
      items.map(({ name, description }) => [name, description]),
    );
  return [
    'Tables:',
    list(lakeTables),
    '',
    'Views:',
    list(views),
    '',
    'Each has a column dt, the UTC day. A query that filters on dt reads only those days.',
    `Example: ${COMMAND} query "SELECT * FROM disk_forecast ORDER BY days_until_full"`,
    'docs/data-dictionary.md describes every column.',
  ].join('\n');
}
