import { syncBuiltinESMExports } from 'node:module';
import { Transform } from 'node:stream';
import zlib, { type ZlibOptions } from 'node:zlib';

/**
 * Removes what would make two simulations of one history differ. Import this before the code under test.
 *
 * zlib's streams work in a thread pool and finish at a moment that no seed determines. So this `createGzip` compresses
 * synchronously when its stream ends, at the fastest level.
 */
Object.defineProperty(zlib, 'createGzip', {
  value(options?: ZlibOptions) {
    const chunks: Buffer[] = [];
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        // As with zlib, the writer may reuse its buffer once the chunk is taken.
        chunks.push(Buffer.from(chunk));
        done();
      },
      flush(done) {
        done(null, zlib.gzipSync(Buffer.concat(chunks), { ...options, level: zlib.constants.Z_BEST_SPEED }));
      },
    });
  },
});
/** In the same way, this `createGunzip` decompresses when its stream ends. A file that is not whole fails then. */
Object.defineProperty(zlib, 'createGunzip', {
  value() {
    const chunks: Buffer[] = [];
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
      flush(done) {
        try {
          done(null, zlib.gunzipSync(Buffer.concat(chunks)));
        } catch (error) {
          done(error instanceof Error ? error : new Error('not gzip'));
        }
      },
    });
  },
});
syncBuiltinESMExports();

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
