import type { CommitRecord } from '../../shared/cursors/commit-record.ts';
import type { PartitionKey } from '../../shared/cursors/header.ts';
import { DAY } from '../../shared/durations.ts';
import { erasureKey } from '../../shared/lake/erasure-notes.ts';
import { FIRST_RECORDED_BATCH, parseObjectKey, recordKey } from '../../shared/lake/keys.ts';
import { sha256Of } from '../../shared/lake/object-store.ts';
import { replacementKey } from '../../shared/lake/replacements.ts';
import { storedRows } from '../../shared/lake/stored-rows.ts';
import { rowIdentity, type Table } from '../../shared/lake/table.ts';
import { UNREADABLE } from './damage.ts';
import type { Findings } from './findings.ts';
import type { RecordSource } from './folder-source.ts';
import { isCommitted, type LakeSource, type StoredHeader } from './lake-source.ts';
import type { NaturalKeys } from './natural-keys.ts';
import type { Decision } from './recorded-history.ts';

/** The numbers of checked items. */
export interface Checked {
  objects: number;
  rows: number;
  commits: number;
  /** Objects from before 0.1.0, which wrote no commit records. Their rows are read, but cannot be compared. */
  unrecorded: number;
  /** Objects that a lifecycle rule of the bucket has deleted. */
  expired: number;
  /** Objects that are gone, and whose rows a backfill has read again. */
  replaced: number;
  /** Datasets of projects that have cursors but no commits, because someone removed their data. */
  removed: number;
}

/** The parts of an object's key. */
interface Place {
  day: string;
  scope: PartitionKey;
  batch: number;
}

/** An object with rows but without a commit record. A run may still be writing it. */
export interface Suspect extends Place {
  key: string;
  table: string;
}

/** A callback for each row of a table. */
export type SeeRow = (row: Readonly<Record<string, unknown>>) => void;

/** Reads every object of a table and compares it with the record of its commit. */
export async function verifyTable(
  source: LakeSource,
  table: Table,
  tools: { findings: Findings; checked: Checked; suspects: Suspect[]; keys: NaturalKeys; see: SeeRow },
): Promise<void> {
  const { findings, checked } = tools;
  for await (const key of source.list(`${table.name}/`)) {
    const place = placeOf(key);
    const where = { table: table.name, day: place?.day ?? null };
    if (!place) {
      findings.add('uncommitted', where, key);
      continue;
    }
    const body = await source.read(key);
    // Deleted since it was listed. The check of the records finds objects that a lifecycle rule deleted.
    if (body === null) continue;
    checked.objects += 1;
    const rows = await storedRows(key, body);
    if (rows === null) {
      findings.add('unreadable', where, key);
      continue;
    }
    checked.rows += rows.length;
    await verifyObject(source, { ...place, key, table: table.name }, body, rows.length, tools);
    const day = Date.parse(place.day);
    for (const row of rows) {
      tools.see(row);
      const identity = rowIdentity(table, row);
      if (identity !== null) await tools.keys.add(identity, day);
    }
  }
  for (const [day, count] of await tools.keys.duplicates()) {
    const text = new Date(day).toISOString().slice(0, 10);
    findings.add('duplicate', { table: table.name, day: text }, `dt=${text}`, count);
  }
}

async function verifyObject(
  source: LakeSource,
  object: Suspect,
  body: Buffer,
  rows: number,
  { findings, checked, suspects }: { findings: Findings; checked: Checked; suspects: Suspect[] },
): Promise<void> {
  const { key, scope, batch } = object;
  const record = await source.record(scope, batch);
  // The check of the records reports it.
  if (record === UNREADABLE) return;
  const recorded = isCommitted(record) && record.objects.find((one) => one.key === key);
  if (!recorded) {
    if (rows === 0) return;
    if (record === null && batch < FIRST_RECORDED_BATCH) checked.unrecorded += 1;
    else suspects.push(object);
    return;
  }
  const sha256 = sha256Of(body);
  if (sha256 === recorded.sha256 && rows === recorded.rows && body.length === recorded.bytes) return;
  const erasures = await source.erasures(key);
  if (erasures === UNREADABLE) findings.add('unreadable', object, erasureKey(key));
  else if (rows > recorded.rows || !erasures.includes(sha256)) findings.add('changed', object, key);
}

/**
 * Checks objects without a record again. By now, a valid object's batch is announced or recorded.
 * @param headers read after the objects
 */
export async function verifySuspects(
  source: LakeSource,
  suspects: readonly Suspect[],
  { findings, headers }: { findings: Findings; headers: readonly StoredHeader[] },
): Promise<void> {
  const announced = new Set(
    headers.flatMap(({ header }) =>
      header === UNREADABLE ? [] : (header.pending?.objects.map(({ key }) => key) ?? []),
    ),
  );
  for (const suspect of suspects) {
    if (announced.has(suspect.key)) continue;
    const record = await source.record(suspect.scope, suspect.batch);
    if (record === UNREADABLE) continue;
    if (isCommitted(record) && record.objects.some(({ key }) => key === suspect.key)) continue;
    findings.add('uncommitted', suspect, suspect.key);
  }
}

/**
 * Finds objects that commit records of a dataset and project name, but that are missing in the lake.
 * @param see called for each batch, in order
 */
export async function verifyRecords(
  source: RecordSource,
  scope: PartitionKey,
  { findings, checked, now }: { findings: Findings; checked: Checked; now: number },
  see: (batch: number, decision: Decision) => void = () => {},
): Promise<void> {
  for await (const batch of source.records(scope)) {
    const record = await source.record(scope, batch);
    if (record !== null) see(batch, record);
    if (record === UNREADABLE) {
      findings.add('unreadable', { table: scope.dataset, day: null }, recordKey(scope, batch));
    }
    if (!isCommitted(record)) continue;
    checked.commits += 1;
    for (const { key } of record.objects) {
      if (await source.exists(key)) continue;
      const isReplaced = await source.isReplaced(key);
      if (isReplaced === true) {
        checked.replaced += 1;
        continue;
      }
      if (await isExpired(source, key, record, now)) checked.expired += 1;
      else {
        const where = { table: key.slice(0, key.indexOf('/')), day: placeOf(key)?.day ?? null };
        findings.add('missing', where, key);
        if (isReplaced === UNREADABLE) findings.add('unreadable', where, replacementKey(key));
      }
    }
  }
}

async function isExpired(
  source: RecordSource,
  key: string,
  { at }: CommitRecord,
  now: number,
): Promise<boolean> {
  const days = await source.expiresAfterDays(key);
  return days !== null && now - at >= days * DAY;
}

function placeOf(key: string): Place | null {
  const name = parseObjectKey(key);
  return name
    ? { day: name.day, scope: { dataset: name.dataset, subject: name.subject }, batch: name.batch }
    : null;
}
