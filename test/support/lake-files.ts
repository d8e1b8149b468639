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
  const entries = await readdir(bucket, { recursive: true, withFileTypes: true });
  const objects: LakeObject[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.relative(bucket, file).startsWith('_')) continue;
    const text = textOfObject(entry.name, await readFile(file));
    const rows = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    objects.push({ key: path.relative(bucket, file), rows });
  }
  return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Returns the rows of one table, from all objects. */
export async function tableRows(bucket: string, table: string): Promise<LakeRow[]> {
  const objects = await lakeObjects(bucket);
  return objects.filter(({ key }) => key.startsWith(`${table}/`)).flatMap(({ rows }) => rows);
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
