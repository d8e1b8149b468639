import { access, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { lockLake } from '../local-aws/lock.ts';
import { BUCKET, type LocalAws, startLocalAws } from './local-aws.ts';

/**
 * Locks a lake's folder and runs the AWS stand-ins on it while `use` runs. If the command fails before it writes
 * objects, it deletes a folder that it created.
 */
export async function withLake<Result>(
  folder: string,
  use: (aws: LocalAws, folder: string) => Promise<Result>,
): Promise<Result> {
  const absolute = path.resolve(folder);
  const made = await mkdir(absolute, { recursive: true });
  const lock = await lockLake(absolute);
  try {
    const aws = await startLocalAws(absolute);
    try {
      return await use(aws, absolute);
    } finally {
      await aws.close();
    }
  } catch (error) {
    if (made !== undefined && (await isEmpty(path.join(absolute, BUCKET))))
      await rm(made, { recursive: true });
    throw error;
  } finally {
    await lock.release();
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length === 0;
}

/** Tells whether the folder has a lake. */
export async function lakeExists(folder: string): Promise<boolean> {
  try {
    await access(path.join(folder, '.cursors'));
    return true;
  } catch {
    return false;
  }
}
