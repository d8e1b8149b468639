import { createHash } from 'node:crypto';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalS3 } from '../../../local-aws/s3/server.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { AWS, BUCKET, failureOf, filesBelow, raw, s3Client, startS3 } from './support.ts';

const md5 = (body: string | Buffer) => createHash('md5').update(body).digest('hex');
const sha256 = (body: string | Buffer) => createHash('sha256').update(body).digest('base64');

test('an object is a plain file, and returns with its metadata', async () => {
  const { folder, client } = await startS3();
  const put = await client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'table/dt=2026-01-01/a.json.gz',
      Body: 'some bytes',
      ContentType: 'application/gzip',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { run: 'seven' },
      ChecksumSHA256: sha256('some bytes'),
    }),
  );
  expect(put.ETag).toBe(`"${md5('some bytes')}"`);
  expect(put.ChecksumSHA256).toBe(sha256('some bytes'));
  expect(await readFile(path.join(folder, BUCKET, 'table/dt=2026-01-01/a.json.gz'), 'utf8')).toBe(
    'some bytes',
  );
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual(['table/dt=2026-01-01/a.json.gz']);

  const target = { Bucket: BUCKET, Key: 'table/dt=2026-01-01/a.json.gz', ChecksumMode: 'ENABLED' } as const;
  const head = await client.send(new HeadObjectCommand(target));
  const get = await client.send(new GetObjectCommand(target));
  for (const response of [head, get]) {
    expect(response).toMatchObject({
      ETag: put.ETag,
      ContentLength: 10,
      ContentType: 'application/gzip',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { run: 'seven' },
      ChecksumSHA256: sha256('some bytes'),
      ChecksumType: 'FULL_OBJECT',
    });
    expect(Math.abs(Date.now() - (response.LastModified?.getTime() ?? 0))).toBeLessThan(MINUTE);
  }
  expect(await get.Body?.transformToString()).toBe('some bytes');
  const without = await client.send(new HeadObjectCommand({ Bucket: target.Bucket, Key: target.Key }));
  expect(without.ChecksumSHA256).toBeUndefined();
});

test('a PUT stores a stream without its encoding, accepts an empty object, and replaces an existing one', async () => {
  const { folder, client } = await startS3();
  const parts = Array.from({ length: 50 }, (_, index) => Buffer.alloc(10_000 + index, index));
  const whole = Buffer.concat(parts);
  const put = await client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'a',
      Body: Readable.from(parts),
      ContentLength: whole.length,
    }),
  );
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(whole));
  expect(put.ChecksumCRC32).toBe(crc.toString('base64'));
  expect((await readFile(path.join(folder, BUCKET, 'a'))).equals(whole)).toBe(true);
  const get = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(get.ContentEncoding).toBeUndefined();
  expect(Buffer.from((await get.Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);

  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: Buffer.alloc(0) }));
  const empty = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(empty).toMatchObject({ ContentLength: 0, ETag: `"${md5('')}"` });
  expect(await empty.Body?.transformToString()).toBe('');
  expect(await filesBelow(path.join(folder, '.s3'))).toHaveLength(1);
});

test('checksums and headers survive a restart, but not a change of the file', async () => {
  const { folder, client, server } = await startS3();
  const target = { Bucket: BUCKET, Key: 'kept', ChecksumMode: 'ENABLED' } as const;
  await client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'kept',
      Body: '12345',
      ContentType: 'text/plain',
      ChecksumAlgorithm: 'SHA1',
    }),
  );
  await server.close();
  const again = await startLocalS3(folder, AWS.credentials);
  onTestFinished(() => again.close());
  const restarted = s3Client(again.endpoint);
  const sha1 = createHash('sha1').update('12345').digest('base64');
  expect(await restarted.send(new HeadObjectCommand(target))).toMatchObject({
    ContentType: 'text/plain',
    ChecksumSHA1: sha1,
  });

  await writeFile(path.join(folder, BUCKET, 'kept'), '54321');
  const changed = await restarted.send(new HeadObjectCommand(target));
  expect(changed).toMatchObject({ ETag: `"${md5('54321')}"`, ChecksumSHA256: sha256('54321') });
  expect(changed.ChecksumSHA1).toBeUndefined();
});

test('a file that a user puts into the bucket is an object', async () => {
  const { folder, client } = await startS3();
  await mkdir(path.join(folder, BUCKET, 'by'), { recursive: true });
  await writeFile(path.join(folder, BUCKET, 'by/hand'), 'hello');
  await utimes(path.join(folder, BUCKET, 'by/hand'), 1_700_000_000, 1_700_000_000);
  const get = await client.send(
    new GetObjectCommand({ Bucket: BUCKET, Key: 'by/hand', ChecksumMode: 'ENABLED' }),
  );
  expect(get).toMatchObject({
    ETag: `"${md5('hello')}"`,
    ChecksumSHA256: sha256('hello'),
    ContentType: 'binary/octet-stream',
    LastModified: new Date(1_700_000_000_000),
  });
  expect(await get.Body?.transformToString()).toBe('hello');
});

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ['bytes=8-99', '89', 'bytes 8-9/10'],
])('a GET returns range %s', async (range, part, contentRange) => {
  const { client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'digits', Body: '0123456789' }));
  const get = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'digits', Range: range }));
  expect(get.$metadata.httpStatusCode).toBe(206);
  expect(get).toMatchObject({ ContentRange: contentRange, ContentLength: part.length });
  expect(get.ChecksumCRC32).toBeUndefined();
  expect(await get.Body?.transformToString()).toBe(part);
});

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('a GET rejects range %s of ten bytes', async (range) => {
  const { client, endpoint } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'digits', Body: '0123456789' }));
  const response = await raw(endpoint, 'GET', `/${BUCKET}/digits`, { range });
  expect(response.status).toBe(416);
  expect(response.headers['content-range']).toBe('bytes */10');
  expect(response.body).toContain('<Code>InvalidRange</Code>');
});

test('deleting an object also deletes its metadata and the directories that become empty', async () => {
  const { folder, client } = await startS3();
  for (const key of ['a/b/c/one', 'a/two']) {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
  }
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/b/c/one' }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/b/c/one' }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(await failureOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a/b/c/one' })))).toEqual({
    name: 'NoSuchKey',
    status: 404,
  });
  expect(await failureOf(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'a/b/c/one' })))).toEqual({
    name: 'NotFound',
    status: 404,
  });
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual(['a/two']);
  expect(await filesBelow(path.join(folder, '.s3'))).toHaveLength(1);
  // 'a/b' is no longer a directory.
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a/b', Body: 'now a file' }));
});

test('DeleteObjects deletes several objects, each with its own result', async () => {
  const { folder, client, endpoint } = await startS3();
  const keys = ['plain', 'a & b <c>', 'line\nend', 'ü+%20 "q"'];
  for (const key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'x' }));
  const remove = (names: string[], quiet: boolean) =>
    client.send(
      new DeleteObjectsCommand({
        Bucket: BUCKET,
        Delete: { Objects: names.map((Key) => ({ Key })), Quiet: quiet },
      }),
    );
  const loud = await remove([...keys.slice(0, 3), 'never was', 'not/../a/file'], false);
  expect(loud.Deleted?.map(({ Key }) => Key)).toEqual([...keys.slice(0, 3), 'never was']);
  expect(loud.Errors).toMatchObject([{ Key: 'not/../a/file', Code: 'InvalidArgument' }]);
  const quiet = await remove(keys.slice(3), true);
  expect(quiet.Deleted).toBeUndefined();
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual([]);

  const body = '<Delete><Object><Key>x</Key></Object></Delete>';
  const unsaid = await raw(
    endpoint,
    'POST',
    `/${BUCKET}?delete`,
    { 'content-length': String(body.length) },
    body,
  );
  expect(unsaid.status).toBe(400);
  const wrong = await raw(
    endpoint,
    'POST',
    `/${BUCKET}?delete`,
    {
      'content-length': String(body.length),
      'content-md5': createHash('md5').update('other').digest('base64'),
    },
    body,
  );
  expect(wrong.body).toContain('<Code>BadDigest</Code>');
});

test('a bucket is a directory, and a name that is not a bucket has no objects', async () => {
  const { client, endpoint } = await startS3();
  await client.send(new HeadBucketCommand({ Bucket: BUCKET }));
  expect((await failureOf(client.send(new HeadBucketCommand({ Bucket: 'other' })))).status).toBe(404);
  expect(
    await failureOf(client.send(new PutObjectCommand({ Bucket: 'other', Key: 'a', Body: Buffer.alloc(0) }))),
  ).toEqual({
    name: 'NoSuchBucket',
    status: 404,
  });
  for (const bucket of ['.s3', '..', '.', 'UPPER', 'a']) {
    const response = await raw(endpoint, 'GET', `/${bucket}/metadata`);
    expect(response.status).toBe(400);
    expect(response.body).toContain('<Code>InvalidBucketName</Code>');
  }
});
