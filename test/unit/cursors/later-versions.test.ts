import { S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, test, vi } from 'vitest';
import { NewerStateError } from '../../../shared/cursors/versions.ts';
import { readErasures } from '../../../shared/lake/erasure-notes.ts';
import { PublicationBucket } from '../../../shared/lake/publication-bucket.ts';
import { PositionStore } from '../../../shared/publication/positions.ts';

/** Documents of a later version have a form that this version does not know. */
const LATER = Buffer.from(JSON.stringify({ version: 2, contents: [] }));

const bucket = new PublicationBucket(new S3Client({ region: 'us-east-1' }), 'lake');
beforeEach(() => {
  vi.spyOn(bucket, 'read').mockResolvedValue(LATER);
});

test.each<[string, () => Promise<unknown>]>([
  ['positions', () => new PositionStore(bucket).read('alerts')],
  ['a restart', () => new PositionStore(bucket).readRestart('alerts')],
  ['an erasure note', () => readErasures(bucket, 'alerts/dt=2026-03-02/one.json.gz')],
])('%s of a later version: the error says so, whatever the form', async (_, read) => {
  const error = await read().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NewerStateError);
  expect(String(error)).toContain('(format 2; this version supports 1)');
});
