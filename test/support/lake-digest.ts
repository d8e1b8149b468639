import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { lakeTables } from '../../sql/tables.ts';
import { views } from '../../sql/views.ts';
import type { WrittenLake } from './written-lake.ts';

/**
 * Returns the answers of every table and view of a lake as comparable texts. Fractions have ten digits, because sums and
 * means depend on the order of their rows.
 */
export async function lakeDigest(lake: WrittenLake, of = views): Promise<Record<string, string[]>> {
  const digest: Record<string, string[]> = {};
  await withLakeDatabase(lake.folder, async (connection) => {
    for (const { name } of of) {
      const rows = await queryRows(connection, `SELECT * FROM ${name}`);
      digest[name] = rows.map((row) => JSON.stringify(row, rounded)).sort();
    }
    for (const { name } of lakeTables) {
      const rows = await queryRows(
        connection,
        `SELECT dt, count(*) AS rows, count(DISTINCT ${name}) AS kinds FROM ${name} GROUP BY dt`,
      );
      digest[name] = rows.map((row) => JSON.stringify(row)).sort();
    }
  });
  return digest;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(10) : value;
}
