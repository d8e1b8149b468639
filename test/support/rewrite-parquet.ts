import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoted } from '../../cli/duckdb/table-sql.ts';

/**
 * Rewrites every Parquet file of a bucket as another version would have written it. Returns the number of files.
 * @param columns the columns of a SELECT
 */
export async function rewriteParquet(bucket: string, columns: string): Promise<number> {
  const connection = await (await DuckDBInstance.create()).connect();
  const files = (await readdir(bucket, { recursive: true })).filter((file) => file.endsWith('.parquet'));
  for (const file of files.map((name) => path.join(bucket, name))) {
    await connection.run(
      `COPY (SELECT ${columns} FROM read_parquet(${quoted(file)}, hive_partitioning = false)) TO ${quoted(`${file}.old`)} (FORMAT parquet)`,
    );
    await rename(`${file}.old`, file);
  }
  connection.closeSync();
  return files.length;
}
