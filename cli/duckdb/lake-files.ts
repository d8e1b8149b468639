import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { isLinesFile } from '../../shared/lake/compression.ts';

/** Returns the days of a table that have files in the lake, oldest first. */
export async function daysOf(bucket: string, table: string): Promise<string[]> {
  const days: string[] = [];
  for (const folder of await namesIn(path.join(bucket, table))) {
    const day = /^dt=(\d{4}-\d{2}-\d{2})$/.exec(folder)?.[1];
    if (day === undefined) continue;
    const files = await namesIn(path.join(bucket, table, folder));
    if (files.some(isLinesFile)) days.push(day);
  }
  return days.sort();
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
