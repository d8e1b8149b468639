import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  GetBucketLifecycleConfigurationCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKET, failureOf, raw, startS3 } from './support.ts';

async function place(folder: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const file = path.join(folder, BUCKET, key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, key);
  }
}

async function pagesOf(client: S3Client, input: Omit<ListObjectsV2CommandInput, 'Bucket'>) {
  const pages: { keys: string[]; prefixes: string[] }[] = [];
  for (let token: string | undefined; ; ) {
    const continued = token === undefined ? {} : { ContinuationToken: token };
    const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input, ...continued }));
    const keys = page.Contents?.map(({ Key = '' }) => Key) ?? [];
    const prefixes = page.CommonPrefixes?.map(({ Prefix = '' }) => Prefix) ?? [];
    pages.push({ keys, prefixes });
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    expect(page.ContinuationToken).toBe(token);
    token = page.NextContinuationToken;
    if (token === undefined) return pages;
  }
}

const inBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));

test('keys are listed in byte order, page by page', async () => {
  const { folder, client } = await startS3();
  const keys = ['b', 'a/x', 'a-b', 'a.b', 'a0', 'a/b/c', '\u{1F600}', '\uFF5E', 'é', 'B', 'a b'];
  await place(folder, keys);
  const sorted = keys.toSorted(inBytes);
  expect(await pagesOf(client, { MaxKeys: 4 })).toEqual([
    { keys: sorted.slice(0, 4), prefixes: [] },
    { keys: sorted.slice(4, 8), prefixes: [] },
    { keys: sorted.slice(8), prefixes: [] },
  ]);
  const single = await pagesOf(client, { MaxKeys: 1 });
  expect(single).toEqual(sorted.map((key) => ({ keys: [key], prefixes: [] })));
  const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'a/x' }));
  expect(page.Contents).toMatchObject([
    {
      Key: 'a/x',
      Size: 3,
      StorageClass: 'STANDARD',
      ETag: `"${createHash('md5').update('a/x').digest('hex')}"`,
    },
  ]);
  expect(page.Contents?.[0]?.LastModified).toBeInstanceOf(Date);
});

test('a page has at most a thousand keys, and the page with the last key is the last', async () => {
  const { folder, client } = await startS3();
  const keys = Array.from({ length: 2000 }, (_, index) => `key-${String(index).padStart(4, '0')}`);
  await place(folder, keys);
  const pages = await pagesOf(client, { MaxKeys: 5000 });
  expect(pages.map((page) => page.keys.length)).toEqual([1000, 1000]);
  expect(pages.flatMap((page) => page.keys)).toEqual(keys);
});

test('partitions are listed as common prefixes, each once over all pages', async () => {
  const { folder, client } = await startS3();
  const days = Array.from({ length: 5 }, (_, index) => `t/dt=2026-01-0${index + 1}/`);
  await place(folder, [...days.flatMap((day) => [`${day}1`, `${day}2`, `${day}3`]), 't/a', 't/z', 'other']);
  const pages = await pagesOf(client, { Prefix: 't/', Delimiter: '/', MaxKeys: 3 });
  expect(pages).toEqual([
    { keys: ['t/a'], prefixes: days.slice(0, 2) },
    { keys: [], prefixes: days.slice(2, 5) },
    { keys: ['t/z'], prefixes: [] },
  ]);
  // An empty directory is not an object.
  await mkdir(path.join(folder, BUCKET, 't/empty/deeper'), { recursive: true });
  expect((await pagesOf(client, { Prefix: 't/e', Delimiter: '/' }))[0]).toEqual({ keys: [], prefixes: [] });
  expect(await pagesOf(client, { MaxKeys: 0 })).toEqual([{ keys: [], prefixes: [] }]);
});

/** Returns what S3's documentation specifies, computed from a sorted array. */
function expected(keys: readonly string[], prefix: string, delimiter: string, startAfter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix) && inBytes(key, startAfter) > 0)
    .toSorted(inBytes)
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : key.slice(0, at + delimiter.length);
    })
    .filter((entry) => entry !== startAfter);
  return [...new Set(entries)];
}

test('all pages together list every object, for any keys', async () => {
  const segment = fc.constantFrom('a', 'b', 'ab', 'a-', 'a-b', 'a.', 'a0', 'é', '-');
  const name = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const part = fc.constantFrom('', 'a', 'a/', 'a-', 'a/b', 'ab', 'é', '-', 'a/a', 'b/', 'a0');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { maxLength: 12 }),
      part,
      fc.constantFrom('', '/', '-', 'b'),
      part,
      fc.integer({ min: 1, max: 4 }),
      async (names, prefix, delimiter, startAfter, maxKeys) => {
        const keys = names.filter((key) => !names.some((other) => other.startsWith(`${key}/`)));
        const { folder, client } = await startS3();
        await place(folder, keys);
        const input = { Prefix: prefix, StartAfter: startAfter, MaxKeys: maxKeys };
        const pages = await pagesOf(client, delimiter === '' ? input : { ...input, Delimiter: delimiter });
        const entries = pages.map((page) => [...page.keys, ...page.prefixes].sort(inBytes));
        expect(entries.flat()).toEqual(expected(keys, prefix, delimiter, startAfter));
        for (const page of entries.slice(0, -1)) expect(page).toHaveLength(maxKeys);
      },
    ),
    { numRuns: 150 },
  );
});

test('keys are percent-encoded on request', async () => {
  const { folder, client } = await startS3();
  await place(folder, ['a b/c+d&é']);
  const page = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'a b/', Delimiter: '+', EncodingType: 'url' }),
  );
  expect(page).toMatchObject({ Prefix: 'a%20b/', Delimiter: '%2B', EncodingType: 'url' });
  expect(page.CommonPrefixes).toEqual([{ Prefix: 'a%20b/c%2B' }]);
});

test('invalid parameters are rejected', async () => {
  const { client, endpoint } = await startS3();
  const list = client.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: 'not one' }));
  expect(await failureOf(list)).toEqual({ name: 'InvalidArgument', status: 400 });
  for (const query of [
    'list-type=2&max-keys=-1',
    'list-type=2&max-keys=x',
    'list-type=2&encoding-type=other',
  ]) {
    expect((await raw(endpoint, 'GET', `/${BUCKET}?${query}`)).status).toBe(400);
  }
  const missing = client.send(new ListObjectsV2Command({ Bucket: 'missing' }));
  expect(await failureOf(missing)).toEqual({ name: 'NoSuchBucket', status: 404 });
});

test('a bucket has no lifecycle configuration, and a bucket that does not exist has none either', async () => {
  const { client } = await startS3();
  const ask = (bucket: string) =>
    client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket })).catch((error) => error.name);
  expect(await ask(BUCKET)).toBe('NoSuchLifecycleConfiguration');
  expect(await ask('another-bucket')).toBe('NoSuchBucket');
});
