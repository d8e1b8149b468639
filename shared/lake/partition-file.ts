import { once } from 'node:events';
import { createGzip } from 'node:zlib';

/** Bytes per write to the compressor: enough for many rows, and little memory. */
const CHUNK = 256 * 1024;

/** Maximum bytes of UTF-8 for one JavaScript character. */
const MAX_BYTES = 3;

/**
 * Level 6, zlib's default, takes 20 % more time on measurements for 0.5 % less size, and 12.5 % more on
 * access logs for 6 % less size. Below level 5, larger files cost more to keep than the time saves (`npm run
 * bench gzip`). Chunks of zlib's default size, 16 KB, cost more than they hold.
 */
const GZIP = { level: 5, chunkSize: 64 * 1024 };

/**
 * One object that is being written. It compresses lines as they arrive, so that a batch needs only the memory
 * of its compressed form.
 */
export class PartitionFile {
  readonly #gzip = createGzip(GZIP);
  readonly #compressed: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  /**
   * Lines that are not compressed yet, in the first `#used` bytes. The buffer is reused, because garbage
   * costs time.
   */
  #chunk = Buffer.alloc(0);
  #used = 0;

  constructor() {
    this.#gzip.on('data', (piece: Buffer) => {
      this.#compressed.push(piece);
      this.#bytes += piece.length;
    });
    // The caller of a write or of the end receives the error. Without a listener, Node would end the process.
    this.#gzip.on('error', () => {});
  }

  get rows(): number {
    return this.#rows;
  }

  /** Compressed bytes so far, without lines that are not compressed yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a line of NDJSON. Returns false if there is no room for it; `compress` makes room. */
  add(line: string): boolean {
    const most = MAX_BYTES * line.length;
    if (this.#used + most > this.#chunk.length) {
      if (this.#used > 0) return false;
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, most));
    }
    this.#used += this.#chunk.write(line, this.#used);
    this.#rows += 1;
    return true;
  }

  /** Compresses the lines so far. Resolves when there is room for any line. */
  async compress(): Promise<void> {
    const lines = this.#chunk.subarray(0, this.#used);
    await new Promise<void>((resolve, reject) => {
      this.#gzip.write(lines, (error) => (error ? reject(error) : resolve()));
    });
    this.#used = 0;
  }

  /** Ends the object and returns its bytes. */
  async finish(): Promise<Buffer> {
    this.#gzip.end(this.#chunk.subarray(0, this.#used));
    await once(this.#gzip, 'end');
    return Buffer.concat(this.#compressed);
  }
}
