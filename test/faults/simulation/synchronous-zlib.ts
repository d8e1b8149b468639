import { syncBuiltinESMExports } from 'node:module';
import { Transform } from 'node:stream';
import zlib, { type ZlibOptions } from 'node:zlib';

/**
 * zlib's streams work in a thread pool, and so finish at a moment that no seed determines. Importing this module before
 * the code under test makes `createGzip` compress at once, when its stream ends; the bytes are as good, and the rest of
 * what happens in a history follows from its seed.
 */
Object.defineProperty(zlib, 'createGzip', {
  value(options?: ZlibOptions) {
    const chunks: Buffer[] = [];
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
      flush(done) {
        done(null, zlib.gzipSync(Buffer.concat(chunks), options));
      },
    });
  },
});
syncBuiltinESMExports();
