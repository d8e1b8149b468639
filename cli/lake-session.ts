import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { holdLake } from './embedded/lock.ts';
import { type LocalAws, startLocalAws } from './local-aws.ts';

/** Holds a lake's folder exclusively and runs the stand-ins on it, for as long as `use` takes. */
export async function withLake<Result>(
  folder: string,
  use: (aws: LocalAws, folder: string) => Promise<Result>,
): Promise<Result> {
  const absolute = path.resolve(folder);
  await mkdir(absolute, { recursive: true });
  const hold = await holdLake(absolute);
  try {
    const aws = await startLocalAws(absolute);
    try {
      return await use(aws, absolute);
    } finally {
      await aws.close();
    }
  } finally {
    await hold.release();
  }
}
