import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { type Finding, Findings } from './findings.ts';
import type { LakeSource } from './lake-source.ts';
import { NaturalKeys } from './natural-keys.ts';
import { Reaches, verifyCursors } from './verify-cursors.ts';
import { type Checked, type Suspect, verifyRecords, verifySuspects, verifyTable } from './verify-objects.ts';

/** The result of a verification. */
export interface Verification {
  findings: Finding[];
  checked: Checked;
}

/**
 * Checks that the lake matches its commit records, that it has no duplicate rows, and that the cursors are not ahead of
 * the rows. It reads each object once, in sequence, so memory grows only with the number of targets.
 *
 * @param now the clock time for leases and lifecycle rules, ms
 */
export async function verifyLake(
  source: LakeSource,
  { datasets, now }: { datasets: readonly Dataset[]; now: number },
): Promise<Verification> {
  const findings = new Findings();
  const checked = { objects: 0, rows: 0, commits: 0, unrecorded: 0, expired: 0, replaced: 0 };
  const reaches = new Reaches();
  const suspects: Suspect[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-verify-'));
  try {
    for (const table of lakeTables(datasets)) {
      const keys = new NaturalKeys(await mkdtemp(path.join(folder, 'table-')));
      const see = (row: Readonly<Record<string, unknown>>) => reaches.see(table, row);
      await verifyTable(source, table, { findings, checked, suspects, keys, see });
    }
    await verifySuspects(source, suspects, findings);
    const headers = await source.headers();
    for (const header of headers) {
      const dataset = datasets.find(({ name }) => name === header.scope.dataset);
      await verifyRecords(source, header.scope, { findings, checked, now });
      await verifyCursors(source, header, dataset, { findings, reaches, now });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { findings: findings.list(), checked };
}
