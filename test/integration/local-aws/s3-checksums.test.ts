import { createHash } from 'node:crypto';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, filesBelow, raw, startS3 } from './support.ts';

const BODY = '123456789';

/** Checksums of the nine digits: the check values in the catalogue of CRCs, and those of node's own functions. */
const CHECKSUMS = {
  crc32: base64(crc32(BODY).toString(16)),
  crc32c: base64('e3069283'),
  crc64nvme: base64('ae8b14860a799888'),
  sha1: createHash('sha1').update(BODY).digest('base64'),
  sha256: createHash('sha256').update(BODY).digest('base64'),
};
const ALGORITHMS = Object.entries(CHECKSUMS);
const WRONG = Object.entries({
  crc32: base64('cbf43927'),
  crc32c: base64('e3069284'),
  crc64nvme: base64('ae8b14860a799889'),
  sha1: createHash('sha1').update('other').digest('base64'),
  sha256: createHash('sha256').update('other').digest('base64'),
});

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** Returns the body in two chunks, followed by `trailers`. */
function chunked(signature: string, ...trailers: string[]): string {
  const chunks = ['12345', '6789', ''].map((part) => {
    const header = `${part.length.toString(16)}${signature}`;
    return part === '' ? header : `${header}\r\n${part}`;
  });
  return [...chunks, ...trailers, '', ''].join('\r\n');
}

function chunkedHeaders(body: string, kind: string, trailer?: string): Record<string, string> {
  return {
    'content-length': String(body.length),
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': kind,
    'x-amz-decoded-content-length': '9',
    ...(trailer === undefined ? {} : { 'x-amz-trailer': trailer }),
  };
}

const SIGNATURE = `;chunk-signature=${'ab'.repeat(32)}`;
const UNSIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

test.each(ALGORITHMS)('%s is verified, stored and returned', async (algorithm, value) => {
  const { client, endpoint } = await startS3();
  const name = `x-amz-checksum-${algorithm}`;
  const put = await raw(endpoint, 'PUT', `/${BUCKET}/a`, { 'content-length': '9', [name]: value }, BODY);
  expect(put.status).toBe(200);
  expect(put.headers[name]).toBe(value);
  const head = await raw(endpoint, 'HEAD', `/${BUCKET}/a`, { 'x-amz-checksum-mode': 'ENABLED' });
  expect(head.headers[name]).toBe(value);
  expect(head.headers['x-amz-checksum-type']).toBe('FULL_OBJECT');
  // The SDK checks what it receives.
  const get = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(await get.Body?.transformToString()).toBe(BODY);
});

test.each(WRONG)('a wrong %s is rejected in a header and in a trailer', async (algorithm, value) => {
  const { folder, endpoint } = await startS3();
  const name = `x-amz-checksum-${algorithm}`;
  const inHeader = await raw(endpoint, 'PUT', `/${BUCKET}/a`, { 'content-length': '9', [name]: value }, BODY);
  expect(inHeader.status).toBe(400);
  expect(inHeader.body).toContain('<Code>BadDigest</Code>');

  const body = chunked('', `${name}:${value}`);
  const inTrailer = await raw(endpoint, 'PUT', `/${BUCKET}/a`, chunkedHeaders(body, UNSIGNED, name), body);
  expect(inTrailer.status).toBe(400);
  expect(inTrailer.body).toContain('<Code>BadDigest</Code>');
  expect(await filesBelow(folder)).toEqual([]);
});

test.each([
  { algorithm: 'CRC32', field: 'ChecksumCRC32', expected: CHECKSUMS.crc32 },
  { algorithm: 'CRC32C', field: 'ChecksumCRC32C', expected: CHECKSUMS.crc32c },
  { algorithm: 'CRC64NVME', field: 'ChecksumCRC64NVME', expected: CHECKSUMS.crc64nvme },
  { algorithm: 'SHA1', field: 'ChecksumSHA1', expected: CHECKSUMS.sha1 },
  { algorithm: 'SHA256', field: 'ChecksumSHA256', expected: CHECKSUMS.sha256 },
] as const)('the SDK and the server agree on $algorithm', async ({ algorithm, field, expected }) => {
  const { client } = await startS3();
  const put = await client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: BODY, ChecksumAlgorithm: algorithm }),
  );
  expect(put[field]).toBe(expected);
});

test('an object without a checksum gets one', async () => {
  const { endpoint } = await startS3();
  const put = await raw(endpoint, 'PUT', `/${BUCKET}/a`, { 'content-length': '9' }, BODY);
  expect(put.headers['x-amz-checksum-crc64nvme']).toBe(CHECKSUMS.crc64nvme);
});

test.each([
  ['unsigned, with a trailer', UNSIGNED, '', true],
  ['signed, with a signed trailer', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', SIGNATURE, true],
  ['signed, without a trailer', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', SIGNATURE, false],
])('a chunked body is stored: %s', async (_, kind, signature, hasTrailer) => {
  const { client, endpoint } = await startS3();
  const trailers = hasTrailer
    ? [
        `x-amz-checksum-sha256:${CHECKSUMS.sha256}`,
        ...(signature === '' ? [] : [`x-amz-trailer-signature:${'cd'.repeat(32)}`]),
      ]
    : [];
  const body = chunked(signature, ...trailers);
  const headers = chunkedHeaders(body, kind, hasTrailer ? 'x-amz-checksum-sha256' : undefined);
  const put = await raw(
    endpoint,
    'PUT',
    `/${BUCKET}/a`,
    { ...headers, 'content-encoding': 'aws-chunked,gzip' },
    body,
  );
  expect(put.status).toBe(200);
  if (hasTrailer) expect(put.headers['x-amz-checksum-sha256']).toBe(CHECKSUMS.sha256);
  const get = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(get.ContentEncoding).toBe('gzip');
  expect(await get.Body?.transformToString()).toBe(BODY);
});

const TRAILER = `x-amz-checksum-crc32:${CHECKSUMS.crc32}`;

test.each([
  ['ends within a chunk', '5\r\n123', {}, 'IncompleteBody'],
  ['ends before its trailers do', `9\r\n${BODY}\r\n0\r\n`, {}, 'IncompleteBody'],
  [
    'has a chunk that is longer than its size',
    `8\r\n${BODY}\r\n0\r\n${TRAILER}\r\n\r\n`,
    {},
    'InvalidRequest',
  ],
  ['has no size', `x\r\n${BODY}\r\n0\r\n${TRAILER}\r\n\r\n`, {}, 'InvalidRequest'],
  ['continues after its end', `${chunked('', TRAILER)}more`, {}, 'InvalidRequest'],
  ['lacks the trailer', chunked(''), {}, 'MalformedTrailerError'],
  ['has a malformed trailer', chunked('', 'nonsense'), {}, 'MalformedTrailerError'],
  [
    'is longer than announced',
    chunked('', TRAILER),
    { 'x-amz-decoded-content-length': '8' },
    'IncompleteBody',
  ],
  [
    'is shorter than announced',
    chunked('', TRAILER),
    { 'x-amz-decoded-content-length': '10' },
    'IncompleteBody',
  ],
])('a chunked body is rejected if it %s', async (_, body, headers, code) => {
  const { folder, endpoint } = await startS3();
  const response = await raw(
    endpoint,
    'PUT',
    `/${BUCKET}/a`,
    { ...chunkedHeaders(body, UNSIGNED, 'x-amz-checksum-crc32'), ...headers },
    body,
  );
  expect(response.status).toBe(400);
  expect(response.body).toContain(`<Code>${code}</Code>`);
  expect(await filesBelow(folder)).toEqual([]);
});

const MD5 = createHash('md5').update(BODY).digest('base64');
const OTHER_MD5 = createHash('md5').update('other').digest('base64');
const HEX = createHash('sha256').update(BODY).digest('hex');
const OTHER_HEX = createHash('sha256').update('other').digest('hex');

test.each([
  [{ 'content-md5': MD5 }, ''],
  [{ 'content-md5': OTHER_MD5 }, 'BadDigest'],
  [{ 'content-md5': 'nonsense' }, 'InvalidDigest'],
  [{ 'x-amz-content-sha256': HEX }, ''],
  [{ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, ''],
  [{ 'x-amz-content-sha256': OTHER_HEX }, 'XAmzContentSHA256Mismatch'],
  [{ 'x-amz-content-sha256': 'nonsense' }, 'InvalidArgument'],
  [{ 'x-amz-checksum-crc32': 'nonsense' }, 'InvalidRequest'],
  [{ 'x-amz-checksum-crc32': CHECKSUMS.crc32, 'x-amz-checksum-sha1': CHECKSUMS.sha1 }, 'InvalidRequest'],
])('a body with the headers %j is stored only if they are true', async (headers, code) => {
  const { folder, endpoint } = await startS3();
  const response = await raw(endpoint, 'PUT', `/${BUCKET}/a`, { 'content-length': '9', ...headers }, BODY);
  expect(response.status).toBe(code === '' ? 200 : 400);
  expect(response.body).toContain(code === '' ? '' : `<Code>${code}</Code>`);
  expect(await filesBelow(path.join(folder, BUCKET))).toEqual(code === '' ? ['a'] : []);
});

test('an unknown checksum, and a body of unknown length, are rejected', async () => {
  const { endpoint } = await startS3();
  const unknown = await raw(
    endpoint,
    'PUT',
    `/${BUCKET}/a`,
    { 'content-length': '9', 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' },
    BODY,
  );
  expect(unknown.status).toBe(501);
  const endless = await raw(endpoint, 'PUT', `/${BUCKET}/a`, { 'transfer-encoding': 'chunked' }, BODY);
  expect(endless.status).toBe(411);
});
