import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { textOfObject } from '../../support/decompressed.ts';

const objectSchema = z.object({ key: z.string(), rows: z.number(), bytes: z.number() });

const recordSchema = z.object({
  batch: z.number(),
  run: z.string(),
  objects: z.array(objectSchema),
  cursors: z.array(z.object({ id: z.string(), content: z.unknown() })),
});

/** A commit's record in the bucket, read without the collector's own decoder. */
export type CommitRecord = z.infer<typeof recordSchema>;

const givenUpSchema = z.object({
  given_up: z.array(z.object({ key: z.string(), sha256: z.string().nullable() })),
});

/** An object that was given up, as it was announced. */
export type GivenUpObject = z.infer<typeof givenUpSchema>['given_up'][number];

type Objects = ReadonlyMap<string, Buffer>;

/** The batches that the lake has decided: recorded batches, and the objects of given-up batches. */
export interface Decided {
  records: CommitRecord[];
  givenUp: GivenUpObject[];
}

/** Returns the decisions on the batches of a partition (`<dataset>/<subject>`) after one number, up to another, in order. */
export function decidedBetween(objects: Objects, partitionPath: string, above: number, to: number): Decided {
  const decided: Decided = { records: [], givenUp: [] };
  const places = [...objects.keys()].filter(
    (key) => key > placeOf(partitionPath, above) && key <= placeOf(partitionPath, to),
  );
  for (const key of places.sort()) {
    const stored = storedAt(objects, key);
    const { data } = givenUpSchema.safeParse(stored);
    if (data) decided.givenUp.push(...data.given_up);
    else decided.records.push(recordSchema.parse(stored));
  }
  return decided;
}

/** Returns the objects that differ from what their record says. */
export function differingObjects(objects: Objects, record: CommitRecord): string[] {
  return record.objects
    .filter(({ key, rows, bytes }) => {
      const object = objects.get(key);
      const lines = object === undefined ? 0 : textOfObject(key, object).split('\n').length - 1;
      return object?.length !== bytes || lines !== rows;
    })
    .map(({ key }) => key);
}

/** Returns a hash in base64, as announcements have it. */
export function sha256Of(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}

function placeOf(partitionPath: string, batch: number): string {
  return `_commits/${partitionPath}/${String(batch).padStart(10, '0')}.commit.gz`;
}

/** Reads a stored document. Bytes become base64, as in requests to DynamoDB. */
function storedAt(objects: Objects, key: string): unknown {
  return JSON.parse(gunzipSync(objects.get(key) ?? '').toString('utf8'), (_, value: unknown) =>
    Array.isArray(value) && value.length === 2 && value[0] === '$bytes' ? value[1] : value,
  );
}
