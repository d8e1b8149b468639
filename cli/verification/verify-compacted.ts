import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { parquetFile } from '../compaction/day-files.ts';
import { COMPACTION_FOLDER, type Manifest, readManifest } from '../compaction/manifest.ts';
import { interruptible } from '../duckdb/interruptible.ts';
import { queryRows } from '../duckdb/query.ts';
import { quoted } from '../duckdb/table-sql.ts';
import { UsageFailure } from '../failure.ts';
import { BUCKET } from '../local-aws.ts';
import { type Finding, Findings } from './findings.ts';

/**
 * Checks that each compacted day of a lake's folder has as many rows as it was built with. Objects may have changed since:
 * then the next compaction builds the day again.
 */
export async function verifyCompacted(lake: string): Promise<Finding[]> {
  const findings = new Findings();
  const manifest = await readable(() => readManifest(lake));
  if (manifest === null) {
    findings.add('compacted', { table: COMPACTION_FOLDER, day: null }, `${COMPACTION_FOLDER}/manifest.json`);
  } else if (Object.keys(manifest.tables).length > 0) {
    const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
    const connection = await instance.connect();
    try {
      await interruptible(connection, () => verifyDays(connection, lake, manifest, findings));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }
  return findings.list();
}

async function verifyDays(
  connection: DuckDBConnection,
  lake: string,
  { tables }: Manifest,
  findings: Findings,
): Promise<void> {
  const bucket = path.join(lake, BUCKET);
  for (const [table, { days }] of Object.entries(tables)) {
    for (const [day, { version, rows }] of Object.entries(days)) {
      const file = parquetFile(bucket, table, day, version);
      const counted = await readable(() =>
        queryRows(connection, `SELECT count(*) AS n FROM read_parquet(${quoted(file)})`),
      );
      if (counted?.[0]?.['n'] !== rows)
        findings.add('compacted', { table, day }, path.relative(bucket, file));
    }
  }
}

/** Returns null for a file that cannot be read. */
async function readable<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UsageFailure) return null;
    throw error;
  }
}
