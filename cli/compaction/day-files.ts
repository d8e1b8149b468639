import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { compressionOf } from '../../shared/lake/compression.ts';
import type { Table } from '../../shared/lake/table.ts';
import { namesIn } from '../duckdb/lake-files.ts';
import type { Manifest } from './manifest.ts';

/** The source files of a day at one moment. */
export interface DaySource {
  files: string[];
  /** Changes when a file is added, deleted or replaced, and when the table gets a column. */
  fingerprint: string;
}

/** Returns a day's source. Files only change by replacement, which changes their inode, time or size. */
export async function daySource(bucket: string, table: Table, day: string): Promise<DaySource> {
  const folder = path.join(bucket, table.name, `dt=${day}`);
  const names = (await namesIn(folder)).filter((name) => compressionOf(name)).sort();
  const hash = createHash('sha256');
  // An older version omits columns that it does not know, even if a newer version has written them.
  hash.update(`${table.columns.map(({ name, type }) => `${name} ${type}`).join(', ')}\n`);
  for (const name of names) {
    const { size, mtimeNs, ino } = await stat(path.join(folder, name), { bigint: true });
    hash.update(`${name} ${size} ${mtimeNs} ${ino}\n`);
  }
  return { files: names.map((name) => path.join(folder, name)), fingerprint: hash.digest('hex') };
}

/** Returns the folder of one version of a day: `<table>_parquet/dt=…/v=…`. */
export function versionFolder(bucket: string, table: string, day: string, version: string): string {
  return path.join(bucket, `${table}_parquet`, `dt=${day}`, `v=${version}`);
}

export function parquetFile(bucket: string, table: string, day: string, version: string): string {
  return path.join(versionFolder(bucket, table, day, version), 'rows.parquet');
}

/**
 * Deletes versions that the manifest does not name: from a crashed compaction, or replaced by a later one. Replaced
 * versions stay until the next compaction, so that running queries can finish.
 */
export async function removeStaleVersions(
  bucket: string,
  tables: readonly Table[],
  manifest: Manifest,
): Promise<void> {
  for (const { name } of tables) {
    for (const dayFolder of await namesIn(path.join(bucket, `${name}_parquet`))) {
      const day = dayFolder.replace('dt=', '');
      const current = manifest.tables[name]?.days[day]?.version;
      const folder = path.join(bucket, `${name}_parquet`, dayFolder);
      for (const version of await readdir(folder)) {
        if (version !== `v=${current}`) await rm(path.join(folder, version), { recursive: true });
      }
    }
  }
}
