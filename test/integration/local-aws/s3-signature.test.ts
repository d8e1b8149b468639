import { request as httpRequest } from 'node:http';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalS3 } from '../../../local-aws/s3/server.ts';
import { AWS, BUCKET, failureOf, filesBelow, raw, signed, startS3, temporaryFolder } from './support.ts';

/** Returns the status of a request that is sent unchanged. */
async function statusOf(
  endpoint: string,
  method: string,
  target: string,
  headers: Record<string, string | number>,
): Promise<number | undefined> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path: target, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end();
  });
}

test("the server accepts the SDK's signatures for keys of every form, and for lists", async () => {
  const { client } = await startS3();
  for (const Key of ['plain', 'dt=2026-03-02/a b+c&d.gz', 'ü/%2F/~x', "q'u(o)t*e!"]) {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    expect(
      await (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString(),
    ).toBe('x');
  }
  const listed = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'dt=', Delimiter: '/', MaxKeys: 5 }),
  );
  expect(listed.CommonPrefixes).toEqual([{ Prefix: 'dt=2026-03-02/' }]);
});

test('a request without the credentials of this server is refused, and changes nothing', async () => {
  const { endpoint, folder } = await startS3();
  const target = `/${BUCKET}/alerts/forged`;
  const good = signed(endpoint, 'PUT', target, { 'content-length': 0 });
  const forgeries: Array<[string, string, Record<string, string | number>]> = [
    ['PUT', target, { 'content-length': 0 }],
    ['PUT', target, { 'content-length': 0, authorization: 'Bearer x' }],
    ['PUT', target, { ...good, authorization: '' }],
    ['PUT', `${target}2`, good],
    ['DELETE', target, good],
    ['PUT', target, { ...good, 'x-amz-date': '20200101T000000Z' }],
    ['PUT', target, { ...good, 'x-amz-meta-more': 'unsigned' }],
    ['PUT', target, { ...good, 'x-amz-content-sha256': 'x' }],
    ['PUT', target, { ...good, authorization: String(good['authorization']).replace(/.$/, 'g') }],
    ['PUT', target, { ...good, authorization: String(good['authorization']).replace('local', 'other') }],
    ['GET', `/${BUCKET}?list-type=2`, {}],
    ['GET', '/', {}],
  ];
  for (const [method, path, headers] of forgeries) {
    expect(await statusOf(endpoint, method, path, headers), JSON.stringify(headers)).toBe(403);
  }
  expect(await filesBelow(folder)).toEqual([]);
  expect((await raw(endpoint, 'PUT', target, { 'content-length': '0' })).status).toBe(200);
});

test('credentials are random for each server', async () => {
  const servers = await Promise.all([1, 2].map(async () => startLocalS3(await temporaryFolder())));
  for (const server of servers) onTestFinished(() => server.close());
  const [first, second] = servers.map(({ credentials }) => credentials);
  expect(first?.secretAccessKey).not.toBe(second?.secretAccessKey);
  const client = new S3Client({
    ...AWS,
    endpoint: servers[0]?.endpoint ?? '',
    forcePathStyle: true,
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  const get = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(await failureOf(get)).toEqual({ name: 'InvalidAccessKeyId', status: 403 });
});
