import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Document } from './document.ts';
import { documentFromJson, documentToJson } from './document-json.ts';
import { NewerStateError } from './versions.ts';

/** An object that a batch announces before it writes it. */
export interface AnnouncedObject {
  key: string;
  /** Base64; null in announcements of version 1. */
  sha256: string | null;
}

/** An object that a batch has written. */
export interface RecordedObject {
  key: string;
  rows: number;
  bytes: number;
  /** Base64, of the object as it is stored. */
  sha256: string;
}

/**
 * What one batch did: the objects that it wrote, and everything that its commit stores. The batch writes it
 * to the bucket after the objects and before the commit, so that another run can complete the commit and
 * anyone can check it.
 */
export interface CommitRecord {
  /** The batch's number, unique for a dataset and subject. */
  batch: number;
  run: string;
  /** When the record was written, clock time, ms. */
  at: number;
  objects: readonly RecordedObject[];
  cursors: readonly { id: string; content: Document | null }[];
  statistics: Document;
}

/** What replaces the record of an abandoned batch. Those of its objects that exist must be emptied. */
export interface GivenUpBatch {
  givenUp: readonly AnnouncedObject[];
}

const RECORD_VERSION = 1;

const document = z.custom<Document>((value) => value !== undefined);

const recordSchema = z.strictObject({
  version: z.literal(RECORD_VERSION),
  batch: z.int(),
  run: z.string(),
  at: z.number(),
  objects: z.array(z.strictObject({ key: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() })),
  cursors: z.array(z.strictObject({ id: z.string(), content: document.nullable() })),
  ledger: document,
});

const givenUpSchema = z.strictObject({
  version: z.literal(RECORD_VERSION),
  given_up: z.array(z.strictObject({ key: z.string(), sha256: z.string().nullable() })),
});

/**
 * Encodes what replaces a record. It depends only on the batch's announcement, so that each run writes the
 * same bytes.
 */
export function encodeGivenUp({ givenUp }: GivenUpBatch): Buffer {
  const objects = givenUp.map(({ key, sha256 }) => ({ key, sha256 }));
  return gzipSync(`${documentToJson({ version: RECORD_VERSION, given_up: objects })}\n`);
}

/** Encodes a record as it is stored: one line of JSON, compressed. */
export function encodeRecord(record: CommitRecord): Buffer {
  const { batch, run, at, objects, cursors, statistics } = record;
  const stored: Document = {
    version: RECORD_VERSION,
    batch,
    run,
    at,
    objects: objects.map(({ key, rows, bytes, sha256 }) => ({ key, rows, bytes, sha256 })),
    cursors: cursors.map(({ id, content }) => ({ id, content })),
    ledger: statistics,
  };
  return gzipSync(`${documentToJson(stored)}\n`);
}

/**
 * Decodes a stored record, or what replaces it.
 *
 * @throws {NewerStateError} if a later version of this program wrote it
 */
export function decodeRecord(body: Buffer): CommitRecord | GivenUpBatch {
  const stored = documentFromJson(gunzipSync(body).toString('utf8'));
  const { version, given_up: givenUp } = z
    .object({ version: z.int(), given_up: z.unknown().optional() })
    .parse(stored);
  if (version > RECORD_VERSION) throw new NewerStateError('a commit record', version, RECORD_VERSION);
  if (givenUp !== undefined) return { givenUp: givenUpSchema.parse(stored).given_up };
  const { version: _, ledger, ...record } = recordSchema.parse(stored);
  return { ...record, statistics: ledger };
}

export function isGivenUp(record: CommitRecord | GivenUpBatch): record is GivenUpBatch {
  return 'givenUp' in record;
}
