import { opendir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from './errors.ts';

/**
 * Yields the keys in a bucket in byte order, as S3 lists them.
 *
 * @param depth returns how much to read of the directory of keys that start with a prefix (`a/b/`): `one` key stands for
 *   all of them
 */
export async function* walk(
  bucketDirectory: string,
  depth: (prefix: string) => 'all' | 'one' | 'none',
  prefix = '',
): AsyncGenerator<string> {
  const wanted = depth(prefix);
  if (wanted === 'none') return;
  if (wanted === 'one') {
    const key = await anyKey(bucketDirectory, prefix);
    if (key !== undefined) yield key;
    return;
  }
  // Directory names compare with their slash, as in keys: `a-b` comes before `a/b`.
  const names: string[] = [];
  for (const entry of await entriesOf(path.join(bucketDirectory, prefix))) {
    if (entry.isDirectory()) names.push(`${entry.name}/`);
    else if (entry.isFile()) names.push(entry.name);
  }
  for (const name of names.sort(compareBytes)) {
    if (name.endsWith('/')) yield* walk(bucketDirectory, depth, prefix + name);
    else yield prefix + name;
  }
}

/** Returns any key with a prefix, without reading all names, of which a directory may have thousands. */
async function anyKey(bucketDirectory: string, prefix: string): Promise<string | undefined> {
  try {
    for await (const entry of await opendir(path.join(bucketDirectory, prefix))) {
      const key = entry.isDirectory()
        ? await anyKey(bucketDirectory, `${prefix}${entry.name}/`)
        : entry.isFile()
          ? prefix + entry.name
          : undefined;
      if (key !== undefined) return key;
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  return undefined;
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
