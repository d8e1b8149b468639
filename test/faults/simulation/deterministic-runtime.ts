import { syncBuiltinESMExports } from 'node:module';
import { Transform } from 'node:stream';
import zlib, { type ZlibOptions, type ZstdOptions } from 'node:zlib';

/**
 * Removes what would make two simulations of one history differ. Import this before the code under test.
 *
 * zlib's streams work in a thread pool and finish at a moment that no seed determines. So these compress synchronously
 * when their stream ends, gzip at the fastest level.
 */
Object.defineProperty(zlib, 'createGzip', {
  value: (options?: ZlibOptions) =>
    atEnd((bytes) => zlib.gzipSync(bytes, { ...options, level: zlib.constants.Z_BEST_SPEED })),
});
Object.defineProperty(zlib, 'createZstdCompress', {
  value: (options?: ZstdOptions) => atEnd((bytes) => zlib.zstdCompressSync(bytes, options)),
});

/** Returns a stream that transforms everything at its end. */
function atEnd(transform: (bytes: Buffer) => Buffer): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // As with zlib, the writer may reuse its buffer once the chunk is taken.
      chunks.push(Buffer.from(chunk));
      done();
    },
    flush(done) {
      try {
        done(null, transform(Buffer.concat(chunks)));
      } catch (error) {
        done(error instanceof Error ? error : new Error('not compressed'));
      }
    },
  });
}

/** In the same way, this `createGunzip` decompresses when its stream ends. A file that is not whole fails then. */
Object.defineProperty(zlib, 'createGunzip', { value: () => atEnd((bytes) => zlib.gunzipSync(bytes)) });

/** A backfill decompresses whole objects, in the thread pool too. */
Object.defineProperty(zlib, 'gunzip', { value: atOnce(zlib.gunzipSync) });
Object.defineProperty(zlib, 'zstdDecompress', { value: atOnce(zlib.zstdDecompressSync) });
syncBuiltinESMExports();

/** Returns a function that transforms bytes at once, with the interface of zlib's function that does not. */
function atOnce(transform: (bytes: Uint8Array) => Buffer) {
  return (bytes: Uint8Array, done: (error: Error | null, result?: Buffer) => void) => {
    let result: Buffer;
    try {
      result = transform(bytes);
    } catch (error) {
      done(error instanceof Error ? error : new Error('not compressed'));
      return;
    }
    done(null, result);
  };
}

/**
 * The Atlas client aborts requests at a deadline with the machine's timer. A history takes milliseconds while its clock
 * moves by hours, so this timer would fire at random. Here it never fires: the client also checks the clock before each
 * request.
 */
const never = 2 ** 31 - 1;
const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback: () => void) => setTimeout(callback, never).unref(),
  setTimeout,
);
