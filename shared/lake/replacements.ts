import { createHash } from 'node:crypto';
import * as z from 'zod';
import { isGivenUp } from '../cursors/commit-record.ts';
import type { PartitionKey } from '../cursors/header.ts';
import { checkVersion } from '../cursors/versions.ts';
import { CommitLog } from './commit-log.ts';
import { dayOfKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The folder of notes about committed objects that are gone, and whose rows a backfill has read again. Without a note,
 * such an object is damage.
 */
const FOLDER = '_replaced';

/** Hexadecimal digits that tell sets of objects apart. */
const DIGITS = 16;

const VERSION = 1;

const noteSchema = z.object({ version: z.literal(VERSION), at: z.iso.datetime() });

/**
 * Checks a note. It throws for anything else.
 * @throws {NewerStateError} if a later version wrote it
 */
export function checkReplacement(note: Buffer): void {
  const stored: unknown = JSON.parse(note.toString('utf8'));
  checkVersion(stored, 'the note about a replaced object', VERSION);
  noteSchema.parse(stored);
}

/** Returns the key of the note about an object. */
export function replacementKey(key: string): string {
  return `${FOLDER}/${key}.json`;
}

/** Records that the rows of an object that is gone were read again. */
export async function noteReplacement(objects: ObjectStore, key: string, at: number): Promise<void> {
  const note = { version: VERSION, at: new Date(at).toISOString() } satisfies z.input<typeof noteSchema>;
  await objects.createUnlessExists(replacementKey(key), Buffer.from(JSON.stringify(note)));
}

/** A committed object that is gone. */
export interface GoneObject {
  key: string;
  rows: number;
}

/** The objects of some days that are gone. */
export interface GoneObjects {
  /** Those that nothing has replaced, by day. */
  byDay: ReadonlyMap<string, readonly GoneObject[]>;
  /**
   * How the ids of runs begin that read these days again. It is made of the keys of all that is gone, so that a repetition
   * finds what a dead backfill has written, and nothing that was written before objects disappeared counts.
   */
  runPrefix: string;
}

/**
 * Returns the committed objects of a table that are gone.
 *
 * @param days in order. Records from before the first one have no rows of them
 */
export async function goneObjects(
  objects: ObjectStore,
  scope: PartitionKey,
  table: string,
  days: readonly string[],
): Promise<GoneObjects> {
  const byDay = new Map<string, GoneObject[]>(days.map((day) => [day, []]));
  const all: string[] = [];
  for await (const { key, rows } of objectsSince(objects, scope, table, days)) {
    if (await objects.exists(key)) continue;
    all.push(key);
    if (!(await objects.exists(replacementKey(key)))) byDay.get(dayOfKey(key) ?? '')?.push({ key, rows });
  }
  const digest = createHash('sha256').update(all.sort().join('\n')).digest('hex');
  return { byDay, runPrefix: `backfill-${digest.slice(0, DIGITS)}-` };
}

/**
 * Returns the objects of a day that a backfill has replaced: all or none. What its runs wrote must be as many rows as
 * were in the objects that are gone. Otherwise Atlas did not return them all, whatever it answered.
 */
export async function replacedObjects(
  objects: ObjectStore,
  scope: PartitionKey,
  table: string,
  { byDay, runPrefix }: GoneObjects,
): Promise<Map<string, readonly GoneObject[]>> {
  const written = new Map<string, number>();
  for await (const { key, rows, run } of objectsSince(objects, scope, table, [...byDay.keys()])) {
    const day = dayOfKey(key) ?? '';
    if (run.startsWith(runPrefix) && (await objects.exists(key)))
      written.set(day, (written.get(day) ?? 0) + rows);
  }
  const isReplaced = (day: string, gone: readonly GoneObject[]) =>
    gone.reduce((sum, { rows }) => sum + rows, 0) <= (written.get(day) ?? 0);
  return new Map([...byDay].filter(([day, gone]) => isReplaced(day, gone)));
}

/** Returns the committed objects of a table on these days. */
async function* objectsSince(
  objects: ObjectStore,
  scope: PartitionKey,
  table: string,
  days: readonly string[],
): AsyncIterable<GoneObject & { run: string }> {
  const log = new CommitLog(objects);
  const wanted = new Set(days);
  const batches = await log.recordsAfter(scope, null);
  const first = await firstSince(log, scope, batches, Date.parse(days[0] ?? ''));
  for (const batch of batches.slice(first)) {
    const record = await log.readRecord(scope, batch);
    if (record === null || isGivenUp(record)) continue;
    for (const { key, rows } of record.objects)
      if (key.startsWith(`${table}/`) && wanted.has(dayOfKey(key) ?? ''))
        yield { key, rows, run: record.run };
  }
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
