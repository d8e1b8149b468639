import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { codecOfKey } from '../shared/lake/compression.ts';
import type { Table } from '../shared/lake/table.ts';

/** One day of one table in the lake. */
export interface Partition {
  table: string;
  /** The folder's name: `dt=YYYY-MM-DD`. */
  folder: string;
  objects: number;
  rows: number;
  /** Compressed size. */
  bytes: number;
}

/** Reads the partitions of these tables in a bucket's folder, by table and day. */
export async function listPartitions(bucket: string, tables: readonly Table[]): Promise<Partition[]> {
  const names = new Set(tables.map(({ name }) => name));
  const partitions: Partition[] = [];
  for (const table of await folders(bucket)) {
    if (!names.has(table)) continue;
    for (const folder of await folders(path.join(bucket, table))) {
      partitions.push(await readPartition(bucket, table, folder));
    }
  }
  return partitions;
}

async function readPartition(bucket: string, table: string, folder: string): Promise<Partition> {
  const files = await readdir(path.join(bucket, table, folder));
  const partition: Partition = { table, folder, objects: files.length, rows: 0, bytes: 0 };
  for (const file of files) {
    const body = await readFile(path.join(bucket, table, folder, file));
    const lines = (await codecOfKey(file).decompress(body)).toString('utf8').split('\n').slice(0, -1);
    partition.bytes += body.length;
    partition.rows += lines.length;
  }
  return partition;
}

async function folders(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
