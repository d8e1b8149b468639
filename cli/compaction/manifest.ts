import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { putInPlace, sync } from '../../local-aws/s3/files.ts';
import { DAY } from '../../shared/durations.ts';
import { UsageFailure } from '../failure.ts';

/** The folder beside the bucket for the manifest, the compaction's lock and DuckDB's temporary files. */
export const COMPACTION_FOLDER = '.compaction';

const dayText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const daySchema = z.object({
  /** The version in the folder name `v=…` of the day's rows. */
  version: z.string().regex(/^\d{8}T\d{9}Z$/),
  /** The fingerprint of the day's NDJSON and columns. If it changes, the day is built again. */
  source: z.string(),
  rows: z.int(),
});

const tableSchema = z.object({
  /** Days before this one are read from Parquet, other days from NDJSON. */
  boundary: dayText,
  days: z.record(dayText, daySchema),
});

const manifestSchema = z.object({ tables: z.record(z.string(), tableSchema) });

/** The days of each table to read from Parquet, and their versions. Only listed versions are valid. */
export type Manifest = z.infer<typeof manifestSchema>;
export type CompactedTable = z.infer<typeof tableSchema>;
export type CompactedDay = z.infer<typeof daySchema>;

/**
 * Reads the manifest; it is empty if there is no file.
 * @throws {UsageFailure} when the file is not a valid manifest
 */
export async function readManifest(lake: string): Promise<Manifest> {
  const file = manifestFile(lake);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return { tables: {} };
    throw error;
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageFailure(
      `${file} is not a valid manifest: delete it and the folders *_parquet, then run compact again`,
      { cause: error },
    );
  }
}

/** Replaces the manifest atomically: readers see the old one or the new one. */
export async function replaceManifest(lake: string, manifest: Manifest): Promise<void> {
  const file = manifestFile(lake);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, null, 1)}\n`);
  await sync(`${file}.new`);
  await putInPlace(`${file}.new`, file, true);
}

/** Returns a manifest with another version of a day. It moves the boundary behind the day if needed. */
export function withDay(manifest: Manifest, table: string, day: string, compacted: CompactedDay): Manifest {
  const before = manifest.tables[table];
  const after = nextDay(day);
  const boundary = before && before.boundary > after ? before.boundary : after;
  return {
    tables: { ...manifest.tables, [table]: { boundary, days: { ...before?.days, [day]: compacted } } },
  };
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
}

function manifestFile(lake: string): string {
  return path.join(lake, COMPACTION_FOLDER, 'manifest.json');
}
