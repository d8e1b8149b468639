import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BUCKET, filesBelow, raw, startS3 } from './support.ts';

test.each([
  ['GET', '/', {}],
  ['GET', `/${BUCKET}`, {}],
  ['GET', `/${BUCKET}?location`, {}],
  ['GET', `/${BUCKET}?list-type=2&fetch-owner=true`, {}],
  ['GET', `/${BUCKET}?versions`, {}],
  ['DELETE', `/${BUCKET}`, {}],
  ['POST', `/${BUCKET}`, {}],
  ['PUT', `/${BUCKET}?versioning`, {}],
  ['POST', `/${BUCKET}/a?uploads`, {}],
  ['PUT', `/${BUCKET}/a?partNumber=1&uploadId=x`, {}],
  ['PUT', `/${BUCKET}/a?tagging`, {}],
  ['GET', `/${BUCKET}/a?versionId=1`, {}],
  ['GET', `/${BUCKET}/a?acl`, {}],
  ['DELETE', `/${BUCKET}/a?versionId=1`, {}],
  ['PUT', `/${BUCKET}/a`, { 'x-amz-copy-source': '/other/a' }],
  ['PUT', `/${BUCKET}/a`, { 'x-amz-tagging': 'a=b' }],
  ['PUT', `/${BUCKET}/a`, { 'x-amz-object-lock-mode': 'COMPLIANCE' }],
  ['PUT', `/${BUCKET}/a`, { 'if-none-match': '"some etag"' }],
  ['DELETE', `/${BUCKET}/a`, { 'if-match': '"some etag"' }],
  ['GET', `/${BUCKET}/present`, { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }],
  ['GET', `/${BUCKET}/present`, { range: 'bytes=0-0,2-2' }],
])('%s %s %j returns 501', async (method, target, headers) => {
  const { folder, endpoint } = await startS3();
  await raw(endpoint, 'PUT', `/${BUCKET}/present`, { 'content-length': '4' }, 'here');
  const before = await filesBelow(folder);
  const response = await raw(endpoint, method, target, { 'content-length': '0', ...headers });
  expect(response.status).toBe(501);
  expect(response.headers['content-type']).toBe('application/xml');
  expect(response.body).toMatch(/^<Error><Code>NotImplemented<\/Code><Message>.+<\/Message>/);
  expect(await filesBelow(folder)).toEqual(before);
});

test.each(['PATCH', 'OPTIONS'])('the method %s returns 405', async (method) => {
  const { endpoint } = await startS3();
  expect((await raw(endpoint, method, `/${BUCKET}/a`, { 'content-length': '0' })).status).toBe(405);
});

test.each([
  'nonsense',
  '<Delete>',
  '<Delete></Delete>',
  '<Other><Object><Key>a</Key></Object></Other>',
  '<Delete><Object></Object></Delete>',
  `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`,
])('DeleteObjects rejects an invalid list: %.40s', async (body) => {
  const { endpoint } = await startS3();
  const headers = {
    'content-length': String(body.length),
    'content-md5': createHash('md5').update(body).digest('base64'),
  };
  const response = await raw(endpoint, 'POST', `/${BUCKET}?delete`, headers, body);
  expect(response.status).toBe(400);
  expect(response.body).toContain('<Code>MalformedXML</Code>');
});

test('a document that is too large gets a response before the connection closes', async () => {
  const { endpoint } = await startS3();
  const body = Buffer.alloc(20_000_000, ' ');
  const response = await raw(
    endpoint,
    'POST',
    `/${BUCKET}?delete`,
    { 'content-length': String(body.length) },
    body,
  );
  expect(response.status).toBe(400);
  expect(response.body).toContain('<Code>EntityTooLarge</Code>');
});
