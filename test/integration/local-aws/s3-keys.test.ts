import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, failureOf, filesBelow, raw, startS3 } from './support.ts';

test.each([
  'ünï/cødé/日本語-😀',
  'space and+plus&amp;',
  'per%cent%20%2F%zz',
  'dt=2026-01-01/a~b!c\'d(e)f*g;h:i@j$k,l"m<n>o?p#q',
  '.hidden/..almost/...',
  'back\\slash',
  `${'long'.repeat(50)}/${'x'.repeat(255)}/${'y'.repeat(255)}/${'z'.repeat(255)}`,
])('the object with key %s is the file at that path', async (key) => {
  const { folder, client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual([key]);
  expect(await readFile(path.join(folder, BUCKET, key), 'utf8')).toBe(key);
  const get = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  expect(await get.Body?.transformToString()).toBe(key);
  const list = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(list.Contents?.map(({ Key }) => Key)).toEqual([key]);
});

test.each([
  ['/..%2F..%2Foutside', 'InvalidArgument'],
  ['/../outside', 'InvalidArgument'],
  ['/%2e%2e/outside', 'InvalidArgument'],
  ['/a/./b', 'InvalidArgument'],
  ['/a/%2E/b', 'InvalidArgument'],
  ['//absolute', 'InvalidArgument'],
  ['/%2Fetc/passwd', 'InvalidArgument'],
  ['/a//b', 'InvalidArgument'],
  ['/a/', 'InvalidArgument'],
  ['/nul%00', 'InvalidArgument'],
  [`/${'x'.repeat(256)}`, 'InvalidArgument'],
  [`/${'%C3%BC'.repeat(128)}`, 'InvalidArgument'],
  [`/${'y/'.repeat(512)}z`, 'KeyTooLongError'],
  ['/bad%zz', 'InvalidURI'],
  ['/bad%ff', 'InvalidURI'],
])('the key %s is rejected', async (key, code) => {
  const { folder, endpoint } = await startS3();
  await writeFile(path.join(folder, 'outside'), 'secret');
  for (const method of ['PUT', 'GET', 'DELETE']) {
    const response = await raw(endpoint, method, `/${BUCKET}${key}`, { 'content-length': '0' });
    expect(response.status).toBe(400);
    expect(response.body).toContain(`<Code>${code}</Code>`);
    expect(response.body).toMatch(/<Message>.+<\/Message>.*<RequestId>[\dA-F]{16}<\/RequestId>/);
  }
  expect((await filesBelow(folder)).filter((file) => !file.startsWith('.s3'))).toEqual(['outside']);
  expect(await readFile(path.join(folder, 'outside'), 'utf8')).toBe('secret');
});

test('keys are decoded exactly once', async () => {
  const { folder, endpoint } = await startS3();
  await raw(endpoint, 'PUT', `/${BUCKET}/%252e%252e%252foutside`, { 'content-length': '2' }, 'ok');
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual(['%2e%2e%2foutside']);
});

test('a key that would be the directory of another is rejected', async () => {
  const { folder, client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a/b', Body: 'first' }));
  for (const condition of [{}, { IfNoneMatch: '*' }]) {
    for (const key of ['a', 'a/b/c', 'a/b/c/d']) {
      const put = client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'second', ...condition }),
      );
      expect(await failureOf(put)).toEqual({ name: 'KeyConflict', status: 409 });
    }
  }
  for (const key of ['a', 'a/b/c']) {
    const get = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    expect((await failureOf(get)).name).toBe('NoSuchKey');
  }
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual(['a/b']);
  expect(await filesBelow(path.join(folder, '.s3', 'uploads'))).toEqual([]);
});
