import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from './errors.ts';

/**
 * Yields the keys in a bucket in byte order, as S3 lists them.
 *
 * @param enters returns whether to read the directory of keys that start with a prefix (`a/b/`)
 */
export async function* walk(
  bucketDirectory: string,
  enters: (prefix: string) => boolean,
  prefix = '',
): AsyncGenerator<string> {
  if (!enters(prefix)) return;
  // Directory names compare with their slash, as in keys: `a-b` comes before `a/b`.
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

/** Compares in the order of UTF-8, which differs from that of JavaScript's strings. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // Its last object may just have been deleted.
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
