import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { putInPlace, sync } from '../../local-aws/s3/files.ts';
import { UsageFailure } from '../failure.ts';

/** Below the lake's folder, beside the bucket: the manifest, the hold of a compaction, DuckDB's scratch space. */
export const COMPACTION_FOLDER = '.compaction';

const dayText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const daySchema = z.object({
  /** The folder `v=…` that holds the day's rows. */
  version: z.string().regex(/^\d{8}T\d{9}Z$/),
  /** Hash of the NDJSON and columns that the day was built from: when it differs, the day is built again. */
  source: z.string(),
  rows: z.int(),
});

const tableSchema = z.object({
  /** Days before this one are read from Parquet, the others from NDJSON. */
  boundary: dayText,
  days: z.record(dayText, daySchema),
});

const manifestSchema = z.object({ tables: z.record(z.string(), tableSchema) });

/** Which days of which table are to be read from Parquet, and from which version. Nothing else makes one valid. */
export type Manifest = z.infer<typeof manifestSchema>;
export type CompactedTable = z.infer<typeof tableSchema>;
export type CompactedDay = z.infer<typeof daySchema>;

/** @throws {UsageFailure} when it is there and cannot be understood. */
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
      `${file} cannot be understood: remove it and the folders *_parquet, and run compact again`,
      { cause: error },
    );
  }
}

/** Replaces the manifest in one step: whoever reads sees the one before or this one. */
export async function replaceManifest(lake: string, manifest: Manifest): Promise<void> {
  const file = manifestFile(lake);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, null, 1)}\n`);
  await sync(`${file}.new`);
  await putInPlace(`${file}.new`, file, true);
}

/** A manifest in which a day of a table is of this version; days up to and with it are read from Parquet then. */
export function withDay(manifest: Manifest, table: string, day: string, compacted: CompactedDay): Manifest {
  const before = manifest.tables[table];
  const after = nextDay(day);
  const boundary = before && before.boundary > after ? before.boundary : after;
  return {
    tables: { ...manifest.tables, [table]: { boundary, days: { ...before?.days, [day]: compacted } } },
  };
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function manifestFile(lake: string): string {
  return path.join(lake, COMPACTION_FOLDER, 'manifest.json');
}
