import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { textOfObject } from './decompressed.ts';

export type LakeRow = Record<string, unknown>;

export interface LakeObject {
  key: string;
  rows: LakeRow[];
}

const mirrors = new Map<string, () => Promise<void>>();

/** Lets a folder stand for a bucket elsewhere. The functions of this file fill it before each read. */
export function mirrorBucket(folder: string, fill: () => Promise<void>): void {
  mirrors.set(folder, fill);
}

/** Returns the keys of everything in a bucket's folder, including the commit records. */
export async function lakeFiles(bucket: string): Promise<string[]> {
  await mirrors.get(bucket)?.();
  const entries = await readdir(bucket, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => path.relative(bucket, path.join(parentPath, name))).sort();
}

/** Reads every object of every table below a bucket's folder, as a user of the files reads them. */
export async function lakeObjects(bucket: string): Promise<LakeObject[]> {
  await mirrors.get(bucket)?.();
  const folders = (await readdir(bucket)).filter((name) => !name.startsWith('_'));
  const tables: LakeObject[] = [];
  for (const folder of folders.sort()) tables.push(...(await objectsBelow(bucket, folder)));
  return tables;
}

/** Returns the rows of one table, from all objects. A table that nothing was written to has no folder. */
export async function tableRows(bucket: string, table: string): Promise<LakeRow[]> {
  await mirrors.get(bucket)?.();
  if (!(await readdir(bucket)).includes(table)) return [];
  const objects = await objectsBelow(bucket, table);
  return objects.flatMap(({ rows }) => rows);
}

/** Reads the objects below one folder of a bucket, in the order of their keys. */
async function objectsBelow(bucket: string, folder: string): Promise<LakeObject[]> {
  const entries = await readdir(path.join(bucket, folder), { recursive: true, withFileTypes: true });
  const objects: LakeObject[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = textOfObject(entry.name, await readFile(file));
    const rows = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    objects.push({ key: path.relative(bucket, file), rows });
  }
  return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Returns the stored size of each object of one table, in bytes. */
export async function objectSizes(bucket: string, table: string): Promise<number[]> {
  await mirrors.get(bucket)?.();
  const folder = path.join(bucket, table);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size),
  );
}
