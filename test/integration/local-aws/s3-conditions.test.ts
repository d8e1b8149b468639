import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, failureOf, filesBelow, startS3 } from './support.ts';

const etag = (body: string) => `"${createHash('md5').update(body).digest('hex')}"`;

test('one of many concurrent PUTs with If-None-Match creates the object', async () => {
  const { folder, client } = await startS3();
  const bodies = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(100_000));
  const outcomes = await Promise.allSettled(
    bodies.map((body) =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'dir/one', Body: body, IfNoneMatch: '*' })),
    ),
  );
  const winners = bodies.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      expect(outcome.reason).toMatchObject({
        name: 'PreconditionFailed',
        $metadata: { httpStatusCode: 412 },
      });
    }
  }
  expect(await readFile(path.join(folder, BUCKET, 'dir/one'), 'utf8')).toBe(winners[0]);
  // The object and its metadata, and nothing of the failed PUTs.
  expect(await filesBelow(folder)).toHaveLength(2);
});

test('one of many concurrent PUTs with If-Match replaces the object', async () => {
  const { client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: 'first' }));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: `next ${index}`, IfMatch: etag('first') }),
      ),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a PUT with If-Match fails unless the object exists and matches', async () => {
  const { client } = await startS3();
  const replace = () =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: 'next', IfMatch: etag('first') }));
  expect(await failureOf(replace())).toEqual({ name: 'NoSuchKey', status: 404 });
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: 'other' }));
  expect(await failureOf(replace())).toEqual({ name: 'PreconditionFailed', status: 412 });
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: 'first' }));
  expect((await replace()).ETag).toBe(etag('next'));
});

test('a GET or HEAD respects its conditions', async () => {
  const { client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'one', Body: 'first' }));
  const target = { Bucket: BUCKET, Key: 'one' };
  for (const Command of [GetObjectCommand, HeadObjectCommand]) {
    const status = async (condition: { IfMatch?: string; IfNoneMatch?: string }) => {
      const input = { ...target, ...condition };
      const call =
        Command === GetObjectCommand
          ? client.send(new GetObjectCommand(input))
          : client.send(new HeadObjectCommand(input));
      return await call.then(
        (response) => response.$metadata.httpStatusCode,
        async () => (await failureOf(call)).status,
      );
    };
    expect(await status({ IfMatch: etag('first') })).toBe(200);
    expect(await status({ IfMatch: `"other", ${etag('first')}` })).toBe(200);
    expect(await status({ IfMatch: '*' })).toBe(200);
    expect(await status({ IfMatch: etag('other') })).toBe(412);
    expect(await status({ IfNoneMatch: etag('first') })).toBe(304);
    expect(await status({ IfNoneMatch: `W/${etag('first')}` })).toBe(304);
    expect(await status({ IfNoneMatch: '*' })).toBe(304);
    expect(await status({ IfNoneMatch: etag('other') })).toBe(200);
    expect(await status({ IfMatch: etag('other'), IfNoneMatch: etag('first') })).toBe(412);
  }
});
