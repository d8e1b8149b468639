import path from 'node:path';
import { lockLake } from '../../local-aws/lock.ts';
import { lakeTables } from '../../sql/tables.ts';
import { compactLake } from '../compaction/compact-lake.ts';
import { COMPACTION_FOLDER } from '../compaction/manifest.ts';
import { bucketOf } from '../duckdb/lake-database.ts';
import { EXIT } from '../failure.ts';
import { grouped } from '../words.ts';

/** Converts a lake's finished days to Parquet. It may run beside a collector, but not beside another compaction. */
export async function compact({ lake, quiet }: { lake: string; quiet: boolean }): Promise<number> {
  const say = (text: string) => {
    if (!quiet) process.stdout.write(text);
  };
  const folder = path.resolve(lake);
  const bucket = await bucketOf(folder);
  const lock = await lockLake(path.join(folder, COMPACTION_FOLDER));
  let days = 0;
  try {
    await compactLake(
      { lake: folder, bucket, tables: lakeTables },
      Date.now(),
      ({ table, day, rows, files }) => {
        days += 1;
        say(`${table} ${day}: ${grouped(rows)} rows from ${files} files\n`);
      },
    );
  } finally {
    await lock.release();
  }
  say(days === 0 ? 'All finished days are already compacted.\n' : '');
  return EXIT.done;
}
