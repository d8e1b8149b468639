import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PartitionKey } from '../../shared/cursors/header.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { UNREADABLE } from './damage.ts';
import { type Finding, Findings } from './findings.ts';
import type { LakeSource } from './lake-source.ts';
import { NaturalKeys } from './natural-keys.ts';
import { Reaches, readMarks, type TargetMark, verifyHeader, verifyMarks } from './verify-cursors.ts';
import { type Checked, type Suspect, verifyRecords, verifySuspects, verifyTable } from './verify-objects.ts';

/** The result of a verification. */
export interface Verification {
  findings: Finding[];
  checked: Checked;
}

/**
 * Checks that the lake matches its commit records, that it has no duplicate rows, and that the cursors are not ahead of
 * the rows. It reads each object once, in sequence, so memory grows only with the number of targets. A collector may run
 * meanwhile: what must be there is read before what must contain it.
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
    const before = await source.headers();
    const scopes = before.map(({ scope }) => scope);
    const marks = new Map<PartitionKey, readonly TargetMark[]>();
    for (const { scope, header } of before) {
      const dataset = datasets.find(({ name }) => name === scope.dataset);
      const read = await readMarks(source, scope, dataset);
      if (read !== UNREADABLE) marks.set(scope, read);
      if (header === UNREADABLE || read === UNREADABLE) {
        findings.add('unreadable', { table: scope.dataset, day: null }, partitionOf(scope));
      }
    }
    for (const table of lakeTables(datasets)) {
      const keys = new NaturalKeys(await mkdtemp(path.join(folder, 'table-')));
      const see = (row: Readonly<Record<string, unknown>>) => reaches.see(table, row);
      await verifyTable(source, table, { findings, checked, suspects, keys, see });
    }
    const recorded = new Map<string, number | null>();
    for (const scope of scopes) {
      verifyMarks(scope, marks.get(scope) ?? [], { findings, reaches });
      recorded.set(partitionOf(scope), await verifyRecords(source, scope, { findings, checked, now }));
    }
    const headers = await source.headers();
    await verifySuspects(source, suspects, { findings, headers });
    for (const header of headers) {
      verifyHeader(header, recorded.get(partitionOf(header.scope)) ?? null, { findings, now });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { findings: findings.list(), checked };
}

/** Returns the key of a partition of the cursor table. */
function partitionOf({ dataset, subject }: PartitionKey): string {
  return `${dataset}#${subject}`;
}
