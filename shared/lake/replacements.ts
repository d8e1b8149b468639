import { isGivenUp } from '../cursors/commit-record.ts';
import type { PartitionKey } from '../cursors/header.ts';
import { CommitLog } from './commit-log.ts';
import { dayOfKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The folder of notes about committed objects that are gone, and whose rows a backfill has read again. Without a note,
 * such an object is damage.
 */
const FOLDER = '_replaced';

/** Returns the key of the note about an object. */
export function replacementKey(key: string): string {
  return `${FOLDER}/${key}.json`;
}

/** Records that the rows of an object that is gone were read again. */
export async function noteReplacement(objects: ObjectStore, key: string, at: number): Promise<void> {
  const note = { version: 1, at: new Date(at).toISOString() };
  await objects.createUnlessExists(replacementKey(key), Buffer.from(JSON.stringify(note)));
}

/**
 * Returns the keys of committed objects of a table that are gone, by day, without those that were replaced.
 *
 * @param days in order. Records from before the first one have no rows of them
 */
export async function goneObjects(
  objects: ObjectStore,
  scope: PartitionKey,
  table: string,
  days: readonly string[],
): Promise<Map<string, string[]>> {
  const log = new CommitLog(objects);
  const batches = await log.recordsAfter(scope, null);
  const first = await firstSince(log, scope, batches, Date.parse(days[0] ?? ''));
  const gone = new Map<string, string[]>(days.map((day) => [day, []]));
  for (const batch of batches.slice(first)) {
    const record = await log.readRecord(scope, batch);
    if (record === null || isGivenUp(record)) continue;
    for (const { key } of record.objects) {
      const those = gone.get(dayOfKey(key) ?? '');
      if (!those || !key.startsWith(`${table}/`) || (await objects.exists(key))) continue;
      if (!(await objects.exists(replacementKey(key)))) those.push(key);
    }
  }
  return gone;
}

/** Returns the index of the first record that was written since an instant. Records are written in their order. */
async function firstSince(
  log: CommitLog,
  scope: PartitionKey,
  batches: readonly number[],
  since: number,
): Promise<number> {
  let [low, high] = [0, batches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const record = await log.readRecord(scope, batches[middle] ?? 0);
    // A batch that was given up has no time. Its neighbours are read instead.
    if (record !== null && !isGivenUp(record) && record.at < since) low = middle + 1;
    else high = middle;
  }
  return low;
}
