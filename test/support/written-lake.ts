import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import type { PlainValue } from '../../cli/duckdb/plain-value.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { BUCKET } from '../../cli/local-aws.ts';
import { isProjectId } from '../../shared/ids.ts';
import { BatchFiles } from '../../shared/lake/batch-files.ts';
import { objectKey } from '../../shared/lake/keys.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import type { TableRows } from '../../shared/lake/table.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const PROJECT = '6a793f53c0eb9e7a177137c2';

/** A lake that a test writes with the collector's own writer. */
export interface WrittenLake {
  /** The folder for the option `--lake`. */
  folder: string;
  bucket: string;
  /** Writes rows as one batch and returns the keys of its objects. */
  write(...batch: readonly TableRows[]): Promise<string[]>;
  ask(sql: string): Promise<Array<Record<string, PlainValue>>>;
  remove(): Promise<void>;
}

export async function createWrittenLake(): Promise<WrittenLake> {
  const folder = await makeTemporaryFolder();
  const bucket = path.join(folder, BUCKET);
  await mkdir(bucket);
  if (!isProjectId(PROJECT)) throw new Error('not a project id');
  const project = PROJECT;
  let batches = 0;
  return {
    folder,
    bucket,
    async write(...batch) {
      batches += 1;
      const files = new BatchFiles(new Redactor({}, null), batches % 2 === 0 ? 'zstd' : 'gzip');
      for (const tableRows of batch) await files.add(tableRows);
      const keys: string[] = [];
      for (const { table, day, compression, body } of await files.finish()) {
        const key = objectKey({
          table,
          day,
          subject: project,
          dataset: 'test',
          batch: batches,
          part: keys.length,
          compression,
        });
        await mkdir(path.dirname(path.join(bucket, key)), { recursive: true });
        await writeFile(path.join(bucket, key), body);
        keys.push(key);
      }
      return keys;
    },
    ask: (sql) => withLakeDatabase(folder, (connection) => queryRows(connection, sql)),
    remove: () => rm(folder, { recursive: true }),
  };
}
