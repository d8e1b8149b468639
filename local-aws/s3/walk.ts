import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from './errors.ts';

/**
 * The keys in a bucket, in the order of their bytes, as S3 lists them.
 *
 * `enters` is asked before a directory is read whether keys that start with it (`a/b/`) are wanted.
 */
export async function* walk(
  bucketDirectory: string,
  enters: (prefix: string) => boolean,
  prefix = '',
): AsyncGenerator<string> {
  if (!enters(prefix)) return;
  // As in the keys, a directory's name has its slash when names are compared: `a-b` comes before `a/b`.
  const names: string[] = [];
  for (const entry of await entriesOf(path.join(bucketDirectory, prefix))) {
    if (entry.isDirectory()) names.push(`${entry.name}/`);
    else if (entry.isFile()) names.push(entry.name);
  }
  for (const name of names.sort(compareBytes)) {
    if (name.endsWith('/')) yield* walk(bucketDirectory, enters, prefix + name);
    else yield prefix + name;
  }
}

/** The order of UTF-8, which is not that of JavaScript's strings. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // The last object in it may just have been deleted.
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
