import * as z from 'zod';
import { checkVersion } from '../cursors/versions.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The folder of erasure notes: for each object, the hash of each content that an erasure gave it, so that
 * checks can tell it from damage. A note is written before the object is replaced, so a crash leaves at most
 * an extra note.
 */
const FOLDER = '_erasures';
const SUFFIX = '.json';

const VERSION = 1;

const noteSchema = z.object({ version: z.literal(VERSION), sha256: z.array(z.string()) });

/** Returns the key of the note about an object. */
export function erasureKey(key: string): string {
  return `${FOLDER}/${key}${SUFFIX}`;
}

/**
 * Returns the SHA-256 in base64 of each content that erasures gave the object.
 * @throws {NewerStateError} if a later version wrote the note
 */
export async function readErasures(objects: Pick<ObjectStore, 'read'>, key: string): Promise<string[]> {
  const body = await objects.read(erasureKey(key));
  return body === null ? [] : decodeErasures(key, body);
}

/**
 * Decodes the note about an object. It throws for anything else.
 * @throws {NewerStateError} if a later version wrote it
 */
export function decodeErasures(key: string, note: Buffer): string[] {
  const stored: unknown = JSON.parse(note.toString('utf8'));
  checkVersion(stored, `the erasure note of ${key}`, VERSION);
  return noteSchema.parse(stored).sha256;
}

/** Records that an erasure is about to give the object this content. */
export async function noteErasure(
  objects: Pick<ObjectStore, 'read' | 'overwrite'>,
  key: string,
  sha256: string,
): Promise<void> {
  const before = await readErasures(objects, key);
  if (before.includes(sha256)) return;
  const note = { version: VERSION, sha256: [...before, sha256] } satisfies z.input<typeof noteSchema>;
  await objects.overwrite(erasureKey(key), Buffer.from(JSON.stringify(note)));
}

/** Returns the keys of the objects of a table that erasures have changed. */
export async function erasedObjects(objects: Pick<ObjectStore, 'list'>, table: string): Promise<string[]> {
  const notes = await objects.list(`${FOLDER}/${table}/`);
  return notes.map((key) => key.slice(FOLDER.length + 1, -SUFFIX.length));
}
