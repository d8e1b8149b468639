import { readFile } from 'node:fs/promises';
import { compactLake } from '../../cli/compaction/compact-lake.ts';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { DAY } from '../../shared/durations.ts';
import { lakeTables } from '../../sql/tables.ts';
import { createWrittenLake, type WrittenLake } from '../support/written-lake.ts';
import {
  type Answered,
  askEach,
  type Cost,
  DAYS,
  SOURCES,
  sameAnswer,
  writeDisks,
} from './five-questions.ts';

const START = Date.parse('2026-03-01T00:00:00Z');

export interface Comparison {
  question: string;
  ndjson: Cost;
  parquet: Cost;
}

/** Measures five questions over thirty days of a hundred disks, before and after compaction. */
export async function compaction(): Promise<{ rows: number; comparisons: Comparison[] }> {
  const lake = await createWrittenLake();
  try {
    const rows = await writeDisks(lake, START);
    const before = await askDuckdb(lake, START);
    await compactDisks(lake, START);
    const after = await askDuckdb(lake, START);
    const comparisons = before.map((one) => ({
      question: one.question,
      ndjson: one.cost,
      parquet: sameAnswer(one, after).cost,
    }));
    return { rows, comparisons };
  } finally {
    await lake.remove();
  }
}

/** Compacts all days of a lake that `writeDisks` has written. */
export async function compactDisks(lake: WrittenLake, start: number): Promise<void> {
  const place = { lake: lake.folder, bucket: lake.bucket, tables: lakeTables };
  await compactLake(place, start + (DAYS + 1) * DAY, () => {});
}

/** Asks the questions in DuckDB, as the command line does. */
export async function askDuckdb(lake: WrittenLake, start: number): Promise<Answered[]> {
  return withLakeDatabase(lake.folder, (connection) =>
    askEach(start, SOURCES, async (sql) => {
      const before = await bytesRead();
      const rows = await queryRows(connection, sql);
      return { rows, bytes: (await bytesRead()) - before };
    }),
  );
}

/** Returns the bytes that this process has read from files, including those from the page cache. */
async function bytesRead(): Promise<number> {
  const [, count] = /^rchar: (\d+)$/m.exec(await readFile('/proc/self/io', 'utf8')) ?? [];
  if (count === undefined)
    throw new Error('/proc/self/io has no count of read bytes: this benchmark needs Linux');
  return Number(count);
}
