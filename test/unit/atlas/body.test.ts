import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BodyBroken, BodyTooLarge, MAX_VALUES, textOf } from '../../../shared/atlas/body.ts';

/** Returns a body within a larger buffer, at any offset. */
function at(offset: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const whole = Buffer.alloc(offset + length + 1, ',');
  whole.write(text, offset);
  return whole.subarray(offset, offset + length);
}

const FORMATS: [string, (body: Buffer) => Buffer][] = [
  ['', (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['X-GZip', (body) => gzipSync(body)],
  ['identity, br , gzip', (body) => gzipSync(brotliCompressSync(body))],
  ['br', (body) => brotliCompressSync(body)],
];

test.each(FORMATS)('textOf removes a byte order mark with the encoding "%s"', async (encoding, encoded) => {
  expect(await textOf(encoded(Buffer.from('\uFEFF{"a":1}')), encoding)).toBe('{"a":1}');
});

test.each(['none', 'UTF-8', 'identity, utf-8'])('textOf takes %s for no coding', async (encoding) => {
  expect(await textOf(Buffer.from('{}'), encoding)).toBe('{}');
});

test.each([
  ['deflate', 'deflate'],
  ['gzip, deflate', 'deflate'],
  ['dcb, gzip', 'dcb'],
  ['x\u001b[1m', 'x [1m'],
])('textOf names the coding that it does not support: %j', async (encoding, name) => {
  const message = `the response has an unsupported Content-Encoding: ${name}`;
  await expect(textOf(gzipSync(Buffer.from('{}')), encoding)).rejects.toThrow(new BodyBroken(message));
});

test('textOf rejects unknown codings, and too many', async () => {
  for (const encoding of ['compress', 'gzip, compress', 'gzip, gzip, gzip, gzip'])
    await expect(textOf(gzipSync(Buffer.from('{}')), encoding)).rejects.toThrow(BodyBroken);
});

describe.each(FORMATS)('textOf with the encoding "%s"', (encoding, encoded) => {
  // A few bytes of each piece count as values, whatever they are.
  const about = MAX_VALUES / 50;

  test.each(['{', '[', ','])(
    'accepts almost the maximum number of values, counted by %s, and no more',
    async (mark) => {
      const few = `x${mark}`.repeat(MAX_VALUES - about);
      expect(await textOf(encoded(Buffer.from(few)), encoding)).toBe(few);
      const many = `x${mark}`.repeat(MAX_VALUES + 1);
      await expect(textOf(encoded(Buffer.from(many)), encoding)).rejects.toThrow(BodyTooLarge);
    },
  );

  test('accepts any number of other characters, whatever their bytes', async () => {
    const text = 'Ⱜ笛{}Ż'.repeat(MAX_VALUES / 4);
    expect(await textOf(encoded(Buffer.from(text)), encoding)).toBe(text);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'reads a body of any length at offset %i of a buffer',
    async (offset) => {
      for (let length = 0; length < 12; length += 1) {
        const text = '{[,a"1]}, 2['.slice(0, length);
        expect(await textOf(encoded(at(offset, text)), encoding)).toBe(text);
      }
    },
  );
});
