import { S3Error } from './errors.ts';

/** Longer than any line with a signature or a checksum. */
const LONGEST_LINE = 4096;

const CHUNK_HEADER = /^([\da-f]{1,8})(?:;chunk-signature=[\da-f]{64})?$/i;
const TRAILER = /^([a-z\d-]+):(.*)$/i;

/**
 * Decodes a body in the `aws-chunked` encoding, and puts the headers that follow it into `trailers`. Ignores
 * signatures.
 */
export async function* decodeAwsChunked(
  body: AsyncIterator<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new Reader(body);
  for (;;) {
    const header = CHUNK_HEADER.exec(await reader.line());
    const size = Number.parseInt(header?.[1] ?? '', 16);
    if (Number.isNaN(size)) throw malformed('a chunk without a size');
    if (size === 0) break;
    yield* reader.take(size);
    if ((await reader.line()) !== '') throw malformed('a chunk that is longer than its size');
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const [, name, value] = TRAILER.exec(line.trimEnd()) ?? [];
    if (name === undefined || value === undefined) {
      throw new S3Error(
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed.',
      );
    }
    trailers.set(name.toLowerCase(), value.trimStart());
  }
  if (!(await reader.ended())) throw malformed('content after its end');
}

function malformed(what: string): S3Error {
  return new S3Error('InvalidRequest', `The aws-chunked body has ${what}.`);
}

class Reader {
  readonly #body: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterator<Buffer>) {
    this.#body = body;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#bytes.toString('latin1', 0, end);
        this.#bytes = this.#bytes.subarray(end + 2);
        return line;
      }
      if (this.#bytes.length > LONGEST_LINE) throw malformed('a line that does not end');
      await this.#more();
    }
  }

  async *take(size: number): AsyncGenerator<Buffer> {
    let left = size;
    while (left > 0) {
      if (this.#bytes.length === 0) await this.#more();
      const part = this.#bytes.subarray(0, left);
      this.#bytes = this.#bytes.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async ended(): Promise<boolean> {
    return this.#bytes.length === 0 && (await this.#body.next()).done === true;
  }

  async #more(): Promise<void> {
    const next = await this.#body.next();
    if (next.done) {
      throw new S3Error('IncompleteBody', 'The body ended before its aws-chunked encoding did.');
    }
    this.#bytes = Buffer.concat([this.#bytes, next.value]);
  }
}
