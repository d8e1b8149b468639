import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAwsChunked } from '../../../local-aws/s3/aws-chunked.ts';

test('decodeAwsChunked returns the same body for any chunks and packets', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
      async (chunks, signed, packetSizes) => {
        const signature = signed ? `;chunk-signature=${'0f'.repeat(32)}` : '';
        const encoded = Buffer.concat([
          ...chunks.flatMap((chunk) => [
            Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`),
            chunk,
            Buffer.from('\r\n'),
          ]),
          Buffer.from(`0${signature}\r\nX-Amz-Checksum-Sha1: abc= \r\nx-amz-trailer-signature:ff\r\n\r\n`),
        ]);
        const trailers = new Map<string, string>();
        const parts: Buffer[] = [];
        for await (const part of decodeAwsChunked(packets(encoded, packetSizes), trailers)) {
          parts.push(Buffer.from(part));
        }
        expect(Buffer.concat(parts).equals(Buffer.concat(chunks))).toBe(true);
        expect([...trailers]).toEqual([
          ['x-amz-checksum-sha1', 'abc='],
          ['x-amz-trailer-signature', 'ff'],
        ]);
      },
    ),
    { numRuns: 500 },
  );
});

test('decodeAwsChunked rejects a line without an end before it fills the memory', async () => {
  const endless = (async function* () {
    for (;;) yield Buffer.alloc(1000, 'x');
  })();
  const decoding = decodeAwsChunked(endless, new Map()).next();
  await expect(decoding).rejects.toThrow('a line that does not end');
});

async function* packets(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let start = 0, index = 0; start < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}
