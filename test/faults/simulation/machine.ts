import { syncBuiltinESMExports } from 'node:module';
import { Transform } from 'node:stream';
import zlib, { type ZlibOptions } from 'node:zlib';

/**
 * What of the machine would make two lives of one history differ is taken out here; imported before the code under test.
 *
 * zlib's streams work in a thread pool, and finish at a moment that no seed determines: `createGzip` compresses at once
 * instead, when its stream ends, and as fast as it can: the bytes are as good.
 */
Object.defineProperty(zlib, 'createGzip', {
  value(options?: ZlibOptions) {
    const chunks: Buffer[] = [];
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        // As with zlib, the writer may use its buffer again once the chunk is taken.
        chunks.push(Buffer.from(chunk));
        done();
      },
      flush(done) {
        done(null, zlib.gzipSync(Buffer.concat(chunks), { ...options, level: zlib.constants.Z_BEST_SPEED }));
      },
    });
  },
});
syncBuiltinESMExports();

/**
 * The Atlas client cuts off what is under way at a deadline by the machine's timer. A history takes milliseconds and its
 * clock runs by hours, so that the timer would fire at random or never: here it is never. That the clock has passed the
 * deadline is noticed all the same, before the next request.
 */
const never = 2 ** 31 - 1;
const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback: () => void) => setTimeout(callback, never).unref(),
  setTimeout,
);
