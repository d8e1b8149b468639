import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { type Compression, compressionOf } from '../../shared/lake/compression.ts';

/** What a table has in the lake. */
export interface TableFiles {
  /** The days that have files, oldest first. */
  days: string[];
  compressions: Set<Compression>;
}

/** Looks which files of lines a table has in the lake. */
export async function filesOf(bucket: string, table: string): Promise<TableFiles> {
  const days: string[] = [];
  const compressions = new Set<Compression>();
  for (const folder of await namesIn(path.join(bucket, table))) {
    const day = /^dt=(\d{4}-\d{2}-\d{2})$/.exec(folder)?.[1];
    if (day === undefined) continue;
    const files = await namesIn(path.join(bucket, table, folder));
    const own = new Set(files.map(compressionOf).filter((one) => one !== undefined));
    if (own.size > 0) days.push(day);
    for (const compression of own) compressions.add(compression);
  }
  return { days: days.sort(), compressions };
}

/** Returns the names in a folder; none if it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
