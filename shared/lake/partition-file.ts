import { once } from 'node:events';
import { createGzip } from 'node:zlib';

/** Bytes that are handed to the compressor at a time: many rows, and little memory. */
const CHUNK = 256 * 1024;

/** The most bytes of UTF-8 that a character, as JavaScript counts them, can become. */
const MOST_BYTES = 3;

/**
 * Level 6, zlib's default, takes a fifth more time on measurements for half a per cent of their size, and an eighth
 * more on access logs for six per cent; below 5 files grow by more than their keeping would ever save (`npm run bench
 * gzip`). Chunks of zlib's own size, 16 KB, cost more than they hold.
 */
const GZIP = { level: 5, chunkSize: 64 * 1024 };

/** One object in the making: lines are compressed as they come, so that a batch costs the memory of its compressed form. */
export class PartitionFile {
  readonly #gzip = createGzip(GZIP);
  readonly #compressed: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  /** Lines that are still to be compressed, in the first `#used` bytes. It is used again and again: garbage costs time. */
  #chunk = Buffer.alloc(0);
  #used = 0;

  constructor() {
    this.#gzip.on('data', (piece: Buffer) => {
      this.#compressed.push(piece);
      this.#bytes += piece.length;
    });
    // Whoever writes or waits for the end is told of it; without a listener, Node would end the process.
    this.#gzip.on('error', () => {});
  }

  get rows(): number {
    return this.#rows;
  }

  /** Compressed bytes so far; what is still to be compressed is not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a line of NDJSON; false when there is no room for it: `compress` makes some. */
  add(line: string): boolean {
    const most = MOST_BYTES * line.length;
    if (this.#used + most > this.#chunk.length) {
      if (this.#used > 0) return false;
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, most));
    }
    this.#used += this.#chunk.write(line, this.#used);
    this.#rows += 1;
    return true;
  }

  /** Resolves when there is room for any line. */
  async compress(): Promise<void> {
    const lines = this.#chunk.subarray(0, this.#used);
    await new Promise<void>((resolve, reject) => {
      this.#gzip.write(lines, (error) => (error ? reject(error) : resolve()));
    });
    this.#used = 0;
  }

  /** Ends the object and gives its bytes. */
  async finish(): Promise<Buffer> {
    this.#gzip.end(this.#chunk.subarray(0, this.#used));
    await once(this.#gzip, 'end');
    return Buffer.concat(this.#compressed);
  }
}
