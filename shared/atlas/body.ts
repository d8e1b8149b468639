import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type BrotliDecompress, createBrotliDecompress, createGunzip, type Gunzip } from 'node:zlib';
import { untrustedText } from './untrusted-text.ts';

/** Bytes, before and after decompression. The largest known response, 20,000 access log lines, has about 20 MB. */
export const MAX_BODY = 64 * 1024 * 1024;

/**
 * Maximum number of values in a body, estimated from brackets and commas, including those in strings. A parsed level of
 * nesting takes about 100 bytes and a new key 350 (measured with Node 24), so 64 MiB of them would take gigabytes and
 * crash a function. The largest known response has a million, nearly all in its log lines.
 */
export const MAX_VALUES = 2_000_000;

/** The encodings that requests accept and that `textOf` supports. */
export const ACCEPT_ENCODING = 'gzip, br';

/** The body is longer than `MAX_BODY`, before or after decompression, or has more than `MAX_VALUES`. */
export class BodyTooLarge extends Error {
  constructor(limit = `${MAX_BODY} bytes or ${MAX_VALUES} values`) {
    super(`the response is larger than ${limit}`);
  }
}

/** The body ended too early, or is not what its headers say or what was requested. */
export class BodyBroken extends Error {
  constructor(message = 'the response was cut short') {
    super(message);
  }
}

/**
 * Reads a whole stream.
 *
 * @throws BodyTooLarge; and what the stream fails with
 */
export async function readWhole(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the stream of a body must give buffers');
    size += chunk.length;
    // Leaving the loop destroys the stream and its connection instead of reading the rest.
    if (size > MAX_BODY) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * Decodes the text of a body. Decodes in pieces, so that the bytes and text of a 20 MB response are not in memory
 * together. Both compression formats mark their end, so a truncated body fails.
 *
 * @throws BodyTooLarge, BodyBroken
 */
export async function textOf(body: Buffer, encoding: string): Promise<string> {
  const [outermost, ...others] = codingsOf(encoding).reverse();
  if (others.length >= MAX_CODINGS) throw new BodyBroken();
  let inner = body;
  for (const coding of outermost === undefined ? [] : [outermost, ...others].slice(0, -1)) {
    const decompressor = decompressed(inner, coding);
    inner = await readWhole(decompressor).catch((error: unknown) => {
      throw error instanceof BodyTooLarge ? error : new BodyBroken();
    });
  }
  const last = others.at(-1) ?? outermost;
  return withoutMark(last === undefined ? plainText(inner) : await decompressedText(inner, last));
}

/** Names that change nothing. Servers send the last two although they are not HTTP's. */
const NO_CODINGS = new Set(['', 'identity', 'none', 'utf-8']);

/** Returns the codings of a Content-Encoding in the order in which the server applied them. */
export function codingsOf(encoding: string): string[] {
  return encoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => !NO_CODINGS.has(coding));
}

function plainText(body: Buffer): string {
  if (body.length > MAX_VALUES && valuesIn(body) > MAX_VALUES) throw new BodyTooLarge();
  return body.toString('utf8');
}

/** Removes a byte order mark. JSON is always UTF-8, and `JSON.parse` rejects the mark. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function decompressed(body: Buffer, coding: string): Gunzip | BrotliDecompress {
  const decompressor = decompressorOf(coding);
  decompressor.end(body);
  return decompressor;
}

/** Returns a new decompressor. @throws BodyBroken for an unknown coding */
export function decompressorOf(coding: string): Gunzip | BrotliDecompress {
  const decompressor = DECOMPRESSORS[coding]?.();
  if (decompressor === undefined)
    throw new BodyBroken(`the response has an unsupported Content-Encoding: ${untrustedText(coding)}`);
  return decompressor;
}

async function decompressedText(body: Buffer, coding: string): Promise<string> {
  const decompressor = decompressed(body, coding);
  const decoder = new StringDecoder('utf8');
  const pieces: string[] = [];
  let size = 0;
  let values = 0;
  try {
    for await (const chunk of decompressor) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('a decompressor must give buffers');
      size += chunk.length;
      values += valuesIn(chunk);
      if (size > MAX_BODY || values > MAX_VALUES) throw new BodyTooLarge();
      pieces.push(decoder.write(chunk));
    }
  } catch (error) {
    if (error instanceof BodyTooLarge) throw error;
    throw new BodyBroken();
  }
  return pieces.join('') + decoder.end();
}

/** Bytes that start a value or precede one. In UTF-8 they are part of no other character. */
const MARKS = Buffer.from('{[,');

/**
 * How many of them two bytes contain. For a long text, looking up pairs takes half the time of searching for each mark.
 */
const MARKS_IN_PAIR = new Uint8Array(2 ** 16).map(
  (_, pair) => Number(MARKS.includes(pair & 0xff)) + Number(MARKS.includes(pair >> 8)),
);

/**
 * Returns how many values a part of a body contains, or up to six more: the bytes outside its whole words count as
 * such.
 */
function valuesIn({ buffer, byteOffset, byteLength }: Buffer): number {
  const end = byteOffset + byteLength;
  const start = Math.ceil(byteOffset / 4) * 4;
  const words =
    start < end ? new Uint32Array(buffer, start, Math.floor((end - start) / 4)) : new Uint32Array();
  let values = 6;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    values += (MARKS_IN_PAIR[word & 0xffff] ?? 0) + (MARKS_IN_PAIR[word >>> 16] ?? 0);
  }
  return values;
}

/** Maximum codings of one body. A proxy may add one to Atlas's own. */
export const MAX_CODINGS = 3;

/** `x-gzip` is gzip (RFC 9110, section 8.4.1.3). */
const DECOMPRESSORS: Record<string, () => Gunzip | BrotliDecompress> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
};
