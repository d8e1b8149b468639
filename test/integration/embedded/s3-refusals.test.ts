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
])('%s %s %j is not implemented', async (method, target, headers) => {
  const { folder, endpoint } = await startS3();
  await raw(endpoint, 'PUT', `/${BUCKET}/present`, { 'content-length': '4' }, 'here');
  const before = await filesBelow(folder);
  const answer = await raw(endpoint, method, target, { 'content-length': '0', ...headers });
  expect(answer.status).toBe(501);
  expect(answer.headers['content-type']).toBe('application/xml');
  expect(answer.body).toMatch(/^<Error><Code>NotImplemented<\/Code><Message>.+<\/Message>/);
  expect(await filesBelow(folder)).toEqual(before);
});

test.each(['PATCH', 'OPTIONS'])('%s is no method of S3', async (method) => {
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
])('a list of objects to delete must be one: %.40s', async (body) => {
  const { endpoint } = await startS3();
  const headers = {
    'content-length': String(body.length),
    'content-md5': createHash('md5').update(body).digest('base64'),
  };
  const answer = await raw(endpoint, 'POST', `/${BUCKET}?delete`, headers, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('<Code>MalformedXML</Code>');
});

test('a document that is too large is refused with an answer, not by cutting the connection', async () => {
  const { endpoint } = await startS3();
  const body = Buffer.alloc(20_000_000, ' ');
  const answer = await raw(
    endpoint,
    'POST',
    `/${BUCKET}?delete`,
    { 'content-length': String(body.length) },
    body,
  );
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('<Code>EntityTooLarge</Code>');
});
