import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { statOf, sync } from '../../local-aws/s3/files.ts';
import { HOUR } from '../../shared/durations.ts';
import { utcDay } from '../../shared/lake/format.ts';
import type { Table } from '../../shared/lake/table.ts';
import { interruptible } from '../duckdb/interruptible.ts';
import { filesOf } from '../duckdb/lake-files.ts';
import { queryRows } from '../duckdb/query.ts';
import { parquetCopy, quoted, readNdjsonFiles } from '../duckdb/table-sql.ts';
import { daySource, parquetFile, removeStaleVersions, versionFolder } from './day-files.ts';
import { COMPACTION_FOLDER, readManifest, replaceManifest, withDay } from './manifest.ts';

/**
 * The delay after its end until a day counts as finished. By then every dataset has settled; ranked namespaces, the
 * slowest, request each hour for three hours. Later rows appear in Parquet when the day is built again.
 */
const FINISHED_AFTER_MS = 6 * HOUR;

/** A day that was built, with the number of its rows and source files. */
export interface BuiltDay {
  table: string;
  day: string;
  rows: number;
  files: number;
}

/**
 * Builds Parquet for every finished day whose NDJSON or columns changed since the last build, or whose Parquet is
 * missing. It builds the complete day into a new version, then adds that version to the manifest. A crash leaves
 * the previous manifest, which names only complete versions. A repetition skips days that are up to date. The caller
 * must hold the compaction lock.
 * @param now ms since the epoch
 * @throws {UsageFailure} when a file cannot be read.
 */
export async function compactLake(
  { lake, bucket, tables }: { lake: string; bucket: string; tables: readonly Table[] },
  now: number,
  onBuilt: (built: BuiltDay) => void,
): Promise<void> {
  let manifest = await readManifest(lake);
  await removeStaleVersions(bucket, tables, manifest);
  const version = new Date(now).toISOString().replaceAll(/[-:.]/g, '');
  await withDuckDb(path.join(lake, COMPACTION_FOLDER), async (connection) => {
    for (const table of tables) {
      const files = await filesOf(bucket, table.name);
      const days = files.days.filter((day) => day < utcDay(now - FINISHED_AFTER_MS));
      // Oldest first: when the boundary passes a day, all days before it are built.
      for (const day of days) {
        const source = await daySource(bucket, table, day);
        const built = manifest.tables[table.name]?.days[day];
        if (built?.source === source.fingerprint) {
          if (await statOf(parquetFile(bucket, table.name, day, built.version))) continue;
        }
        const rows = await buildDay(connection, table, source.files, {
          folder: versionFolder(bucket, table.name, day, version),
          file: parquetFile(bucket, table.name, day, version),
        });
        manifest = withDay(manifest, table.name, day, { version, source: source.fingerprint, rows });
        await replaceManifest(lake, manifest);
        onBuilt({ table: table.name, day, rows, files: source.files.length });
      }
    }
  });
}

/** Writes the rows of NDJSON files to one Parquet file. Returns the row count, which must be equal in both. */
async function buildDay(
  connection: DuckDBConnection,
  table: Table,
  files: readonly string[],
  { folder, file }: { folder: string; file: string },
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const source = readNdjsonFiles(table, files);
  await queryRows(connection, parquetCopy(table, source, file));
  const [counts] = await queryRows(
    connection,
    `SELECT (SELECT count(*) FROM (${source})) AS read, (SELECT count(*) FROM read_parquet(${quoted(file)})) AS written`,
  );
  const { read, written } = counts ?? {};
  // A run may have emptied a file in between. The day keeps its old version, and the next compaction builds it again.
  if (typeof written !== 'number' || read !== written) {
    throw new Error(`${file} has ${written} rows, but its source has ${read}: run compact again`);
  }
  for (const name of [file, folder, path.dirname(folder)]) await sync(name);
  return written;
}

async function withDuckDb(
  folder: string,
  use: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const scratch = path.join(folder, 'scratch');
  await mkdir(scratch, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    temp_directory: scratch,
  });
  const connection = await instance.connect();
  try {
    await interruptible(connection, () => use(connection));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
