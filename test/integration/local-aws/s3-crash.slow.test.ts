import { once } from 'node:events';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalS3 } from '../../../local-aws/s3/server.ts';
import {
  AWS,
  BUCKET,
  eventually,
  failureOf,
  filesBelow,
  kill,
  s3Client,
  signed,
  startProcess,
  temporaryFolder,
} from './support.ts';

const KEYS = Object.values(AWS.credentials);

async function restart(folder: string) {
  const server = await startLocalS3(folder, AWS.credentials);
  onTestFinished(() => server.close());
  return s3Client(server.endpoint);
}

test('an upload interrupted by kill -9 leaves no object, and no other file after a restart', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, BUCKET));
  const { child, line: endpoint } = await startProcess('s3-server', folder, ...KEYS);
  const size = 8_000_000;
  const put = request(`${endpoint}/${BUCKET}/dir/large`, {
    method: 'PUT',
    headers: signed(endpoint, 'PUT', `/${BUCKET}/dir/large`, { 'content-length': size }),
  });
  const broken = once(put, 'response').catch((error: Error) => error);
  put.write(Buffer.alloc(size - 1, 'x'));
  const uploads = path.join(folder, '.s3', 'uploads');
  await eventually(async () => {
    const [upload] = await readdir(uploads);
    return upload !== undefined && (await stat(path.join(uploads, upload))).size > size / 2;
  });
  await kill(child);
  expect(await broken).toBeInstanceOf(Error);
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual([]);

  const client = await restart(folder);
  const get = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'dir/large' }));
  expect((await failureOf(get)).name).toBe('NoSuchKey');
  expect(await filesBelow(folder)).toEqual([]);
});

test('a client that disconnects during an upload leaves nothing', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, BUCKET));
  const { line: endpoint } = await startProcess('s3-server', folder, ...KEYS);
  const put = request(`${endpoint}/${BUCKET}/large`, {
    method: 'PUT',
    headers: signed(endpoint, 'PUT', `/${BUCKET}/large`, { 'content-length': 1_000_000 }),
  });
  put.on('error', () => {});
  put.write(Buffer.alloc(500_000));
  const uploads = path.join(folder, '.s3', 'uploads');
  await eventually(async () => (await readdir(uploads)).length === 1);
  put.destroy();
  await eventually(async () => (await readdir(uploads)).length === 0);
  expect(await filesBelow(folder)).toEqual([]);
});

test('kill -9 at any time leaves a complete object with its own metadata', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, BUCKET));
  for (let round = 0; round < 12; round += 1) {
    const { child, line: endpoint } = await startProcess('s3-server', folder, ...KEYS);
    const client = s3Client(endpoint);
    let acknowledged = 0;
    const writing = (async () => {
      for (let version = 1; ; version += 1) {
        // All have the same length, so that only the content distinguishes them.
        const body = `${round}-${version}`.padEnd(30_000, '.');
        const metadata = { version: body.replaceAll('.', '') };
        await client.send(
          new PutObjectCommand({ Bucket: BUCKET, Key: `round-${round}`, Body: body, Metadata: metadata }),
        );
        acknowledged = version;
      }
    })().catch(() => {});
    await eventually(() => acknowledged > round);
    await kill(child);
    await writing;

    const again = await restart(folder);
    const target = { Bucket: BUCKET, Key: `round-${round}` };
    const get = await again.send(new GetObjectCommand(target));
    const body = (await get.Body?.transformToString()) ?? '';
    expect(body).toHaveLength(30_000);
    const found = body.replaceAll('.', '');
    expect([`${round}-${acknowledged}`, `${round}-${acknowledged + 1}`]).toContain(found);
    expect(get.Metadata).toEqual({ version: found });
    const head = await again.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32).toBe(get.ChecksumCRC32);
  }
});
