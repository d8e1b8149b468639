import type { PartitionKey } from '../../cursors/header.ts';
import { parseObjectKey } from '../../lake/keys.ts';
import type { ObjectStore } from '../../lake/object-store.ts';
import { type StoredRow, storedInstant, storedRows } from '../../lake/stored-rows.ts';
import { collectionGaps, type FilledGapRow, filledGaps } from '../tables.ts';
import type { Period } from './rereading.ts';

/** A gap of `collection_gaps`, without what backfills have filled. */
export interface RecordedGap {
  target: string;
  whole: Period;
  reason: string;
  /** The parts that are not filled, in order. */
  open: readonly Period[];
}

/** A part of a gap that a backfill reads. */
export interface GapPart extends Period {
  gap: Period;
}

/** Reads the gaps of a dataset and subject, and what of them is filled. */
export async function readGaps(objects: ObjectStore, scope: PartitionKey): Promise<RecordedGap[]> {
  const gaps = new Map<string, RecordedGap>();
  for (const row of await rowsOf(objects, collectionGaps.name, scope)) {
    const whole = { from: storedInstant(row['ts']), to: storedInstant(row['gap_end']) };
    const [target, reason] = [String(row['target']), String(row['reason'])];
    gaps.set(gapKey(row), { target, whole, reason, open: [whole] });
  }
  for (const row of await rowsOf(objects, filledGaps.name, scope)) {
    const gap = gaps.get(gapKey(row));
    const filled = { from: storedInstant(row['filled_from']), to: storedInstant(row['filled_to']) };
    if (gap) gaps.set(gapKey(row), { ...gap, open: without(gap.open, filled) });
  }
  return [...gaps.values()];
}

/** Returns the unfilled parts of a target's gaps that lie in a period. */
export function openParts(gaps: readonly RecordedGap[], target: string, period: Period): GapPart[] {
  return gaps
    .filter((gap) => gap.target === target)
    .flatMap(({ whole, open }) => overlaps(open, period).map((part) => ({ ...part, gap: whole })));
}

/** Returns the row that says that a part of a gap is filled. */
export function filledRow(
  { dataset, subject }: PartitionKey,
  target: string,
  { gap, from, to }: GapPart,
  collectedAt: number,
): FilledGapRow {
  return {
    project_id: subject,
    dataset,
    target,
    ts: gap.from,
    gap_end: gap.to,
    filled_from: from,
    filled_to: to,
    collected_at: collectedAt,
  };
}

/** Returns what of periods lies in another one. */
export function overlaps<Part extends Period>(parts: readonly Part[], { from, to }: Period): Part[] {
  return parts
    .map((part) => ({ ...part, from: Math.max(part.from, from), to: Math.min(part.to, to) }))
    .filter((part) => part.from < part.to);
}

/** Joins periods that touch; expects them in order. */
export function joined(periods: readonly Period[]): Period[] {
  const all: Period[] = [];
  for (const period of periods) {
    const last = all.at(-1);
    if (last && last.to >= period.from) last.to = Math.max(last.to, period.to);
    else all.push({ ...period });
  }
  return all;
}

/** Returns periods without what another one covers. */
export function without<Part extends Period>(parts: readonly Part[], { from, to }: Period): Part[] {
  return parts.flatMap((part) =>
    [
      { ...part, to: Math.min(part.to, from) },
      { ...part, from: Math.max(part.from, to) },
    ].filter((rest) => rest.from < rest.to),
  );
}

async function rowsOf(objects: ObjectStore, table: string, scope: PartitionKey): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  for (const key of await objects.list(`${table}/`)) {
    const name = parseObjectKey(key);
    if (name?.dataset !== scope.dataset || name.subject !== scope.subject) continue;
    const body = await objects.read(key);
    rows.push(...((body && (await storedRows(key, body))) ?? []));
  }
  return rows;
}

function gapKey(row: StoredRow): string {
  return JSON.stringify([row['target'], row['ts'], row['gap_end']]);
}
