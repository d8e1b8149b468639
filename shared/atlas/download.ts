import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { BodyBroken, BodyTooLarge, codingsOf, decompressorOf, MAX_CODINGS } from './body.ts';

/**
 * Bytes of a decompressed file. A file of this size takes a second to decompress. A much longer one is not what was
 * requested: it would keep a run busy until its deadline.
 */
const MAX_FILE = 256 * 1024 * 1024;

/** Takes a file piece by piece, so that it is never in memory as a whole. */
export interface BodySink {
  /** Takes the next bytes. Returns false when it needs no more; the rest is then not read. */
  write(bytes: Buffer): boolean;
  /** Ends the file. Called only if all of it has arrived. */
  end(): void;
}

const NO_FILE = 'the response is not a file: it may come from a gateway or proxy';

/** A sink has failed, which is a bug and not a broken response. */
export class SinkError extends Error {}

/**
 * Decompresses a gzip file and passes it to a sink. An empty body is an empty file, as recorded, if its type is
 * gzip. gzip marks its end, so a truncated file fails.
 *
 * @param encoding the Content-Encoding that a proxy may have added to the file's own
 * @throws BodyTooLarge, BodyBroken, SinkError; and what the stream of the body fails with
 */
export async function pour(
  { body, headers }: Pick<Dispatcher.ResponseData, 'body' | 'headers'>,
  encoding: string,
  sink: BodySink,
): Promise<void> {
  const codings = ['gzip', ...codingsOf(encoding)].reverse();
  const streams: Readable[] = [body];
  try {
    if (codings.length > MAX_CODINGS) throw new BodyBroken();
    const type = String(headers['content-type'] ?? '');
    if (/^text\//i.test(type)) throw new BodyBroken(NO_FILE);
    const pieces = body[Symbol.asyncIterator]();
    const first = await pieces.next();
    if (first.done) {
      if (!/gzip/i.test(type)) throw new BodyBroken(NO_FILE);
      // A proxy may have lost the body.
      if (Number(headers['x-uncompressed-content-length'] ?? 0) > 0) throw new BodyBroken();
      guarded(() => sink.end());
      return;
    }
    let stream: Readable = Readable.from(joined(first.value, pieces));
    streams.push(stream);
    for (const coding of codings) {
      const decompressor = decompressorOf(coding);
      stream.on('error', (error) => decompressor.destroy(error));
      stream = stream.pipe(decompressor);
      streams.push(stream);
    }
    let size = 0;
    for await (const piece of stream) {
      if (!Buffer.isBuffer(piece)) throw new TypeError('a decompressor must give buffers');
      size += piece.length;
      if (size > MAX_FILE) throw new BodyTooLarge(`${MAX_FILE} bytes`);
      if (!guarded(() => sink.write(piece))) return;
    }
    guarded(() => sink.end());
  } finally {
    // This closes the connection instead of reading the rest.
    for (const stream of streams) stream.on('error', () => {}).destroy();
  }
}

async function* joined(first: unknown, rest: AsyncIterator<unknown>): AsyncGenerator<unknown> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function guarded<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new SinkError('a sink has failed', { cause: error });
  }
}
