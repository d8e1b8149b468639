import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { lakeTables } from '../../sql/tables.ts';
import { views } from '../../sql/views.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { runQuery } from '../duckdb/query.ts';
import { type Format, formatted } from '../duckdb/result-formats.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { plainTable } from '../plain-table.ts';

export interface QueryOptions {
  lake: string;
  format: Format;
  output?: string;
}

/** Runs an SQL query on a lake's folder. Without a query, it lists the tables and views. */
export async function query(sql: string | undefined, options: QueryOptions): Promise<number> {
  if (sql === undefined) {
    process.stdout.write(`${overview()}\n`);
    return EXIT.done;
  }
  await withLakeDatabase(options.lake, async (connection) => {
    const result = await runQuery(connection, sql);
    const text = formatted(result, options.format, (line) => process.stderr.write(`${line}\n`));
    await write(text, options.output);
  });
  return EXIT.done;
}

async function write(text: AsyncIterable<string>, output: string | undefined): Promise<void> {
  try {
    if (output === undefined) await pipeline(Readable.from(text), process.stdout, { end: false });
    else await pipeline(Readable.from(text), createWriteStream(output));
  } catch (error) {
    if (error instanceof UsageFailure || !(error instanceof Error)) throw error;
    // The reader closed the pipe, as in `… | head`.
    if (output === undefined && 'code' in error && error.code === 'EPIPE') return;
    throw new UsageFailure(`cannot write the result: ${error.message}`, { cause: error });
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
    'Example: npx atlas-lake query "SELECT * FROM disk_forecast ORDER BY days_until_full"',
    'docs/data-dictionary.md describes every column.',
  ].join('\n');
}
