import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PartitionKey } from '../../shared/cursors/header.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { recordPrefix } from '../../shared/lake/keys.ts';
import { type Finding, Findings } from './findings.ts';
import type { LakeSource } from './lake-source.ts';
import { NaturalKeys } from './natural-keys.ts';
import { RecordedHistory } from './recorded-history.ts';
import {
  committedIn,
  partitionOf,
  Reaches,
  readState,
  type StoredState,
  verifyHeader,
  verifyHistory,
  verifyMarks,
} from './verify-cursors.ts';
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
  const checked = { objects: 0, rows: 0, commits: 0, unrecorded: 0, expired: 0, replaced: 0, removed: 0 };
  const reaches = new Reaches();
  const suspects: Suspect[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-verify-'));
  try {
    const states = new Map<string, StoredState>();
    for (const header of await source.headers()) {
      states.set(partitionOf(header.scope), await readState(source, header, { datasets, findings }));
    }
    for (const table of lakeTables(datasets)) {
      const keys = new NaturalKeys(await mkdtemp(path.join(folder, 'table-')));
      const see = (row: Readonly<Record<string, unknown>>) => reaches.see(table, row);
      await verifyTable(source, table, { findings, checked, suspects, keys, see });
    }
    for (const state of states.values()) verifyMarks(state, { findings, reaches });
    const scopes = new Map<string, PartitionKey>();
    for (const { scope } of states.values()) scopes.set(partitionOf(scope), scope);
    for (const scope of await source.recordedScopes()) scopes.set(partitionOf(scope), scope);
    const recorded = new Map<string, number>();
    for (const [partition, scope] of scopes) {
      const state = states.get(partition);
      const history = new RecordedHistory(state ? committedIn(state) : null);
      await verifyRecords(source, scope, { findings, checked, now }, (batch, decision) =>
        history.add(batch, decision),
      );
      history.end();
      const isKept = (await source.expiresAfterDays(recordPrefix(scope))) === null;
      verifyHistory(scope, state, history, { findings, checked, isKept });
      if (history.lastRecorded !== null) recorded.set(partition, history.lastRecorded);
    }
    const headers = await source.headers();
    await verifySuspects(source, suspects, { findings, headers });
    const found = new Map(headers.map((header) => [partitionOf(header.scope), header]));
    for (const [partition, scope] of scopes) {
      verifyHeader(scope, found.get(partition), recorded.get(partition) ?? null, { findings, now });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { findings: findings.list(), checked };
}
