import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';

/** Bytes, before and after decompression. The largest answer known, 20,000 access log lines, is about 20 MB. */
export const MAX_BODY = 64 * 1024 * 1024;

/** What the request says that it accepts, and all that `decompress` knows. */
export const ACCEPT_ENCODING = 'gzip, br';

const gunzipAsync = promisify(gunzip);
const brotliDecompressAsync = promisify(brotliDecompress);

/** The body is longer than `MAX_BODY`, or would be when decompressed. */
export class BodyTooLarge extends Error {}

/** The body ended too early, or is not what its Content-Encoding says. */
export class BodyBroken extends Error {}

/**
 * The whole of a stream.
 *
 * @throws BodyTooLarge; and whatever the stream fails with
 */
export async function readWhole(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the stream of a body must give buffers');
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection: the rest is not waited for.
    if (size > MAX_BODY) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * Undoes one Content-Encoding. A body that was cut is found out, because both formats mark their end.
 *
 * @throws BodyTooLarge, BodyBroken
 */
export async function decompress(body: Buffer, encoding: string): Promise<Buffer> {
  try {
    switch (encoding.trim().toLowerCase()) {
      case '':
      case 'identity':
        return body;
      case 'gzip':
        return await gunzipAsync(body, { maxOutputLength: MAX_BODY });
      case 'br':
        return await brotliDecompressAsync(body, { maxOutputLength: MAX_BODY });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new BodyTooLarge();
    throw new BodyBroken();
  }
  throw new BodyBroken();
}
