import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { type Compression, codecOf } from './compression.ts';
import type { Line } from './row-encoder.ts';

/**
 * Bytes per write to the compressor: of a small object little memory, because a batch can have many, and of a large one
 * up to as many as are compressed twice as fast as the least.
 */
const [LEAST_CHUNK, MOST_CHUNK] = [64 * 1024, 1024 * 1024];

/** Maximum bytes of UTF-8 for one JavaScript character. */
const MAX_BYTES = 3;

/**
 * One object that is being written. It compresses lines as they arrive, so that a batch needs only the memory
 * of its compressed form.
 */
export class PartitionFile {
  readonly #compressor: Transform;
  readonly #compressed: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  /**
   * Lines that are not compressed yet, in the first `#used` bytes. The buffer is reused, because garbage
   * costs time.
   */
  #chunk = Buffer.alloc(0);
  #used = 0;
  /** The start of the last line that differs from the one before, and its place in the buffer. */
  #last = { text: '', from: 0, to: 0 };
  /** The size of the next buffer. */
  #size = LEAST_CHUNK;

  constructor(compression: Compression) {
    this.#compressor = codecOf(compression).compressor();
    this.#compressor.on('data', (piece: Buffer) => {
      this.#compressed.push(piece);
      this.#bytes += piece.length;
    });
    // The caller of a write or of the end receives the error. Without a listener, Node would end the process.
    this.#compressor.on('error', () => {});
  }

  get rows(): number {
    return this.#rows;
  }

  /** Compressed bytes so far, without lines that are not compressed yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a line of NDJSON. Returns false if there is no room for it; `compress` makes room. */
  add({ start, rest }: Line): boolean {
    const most = MAX_BYTES * (start.length + rest.length);
    if (this.#used + most > this.#chunk.length) {
      if (this.#used > 0) return false;
      this.#chunk = Buffer.allocUnsafe(Math.max(this.#size, most));
      this.#size = Math.min(2 * this.#size, MOST_CHUNK);
    }
    const at = this.#used;
    const { text, from, to } = this.#last;
    if (at > 0 && start === text) {
      this.#chunk.copyWithin(at, from, to);
      this.#used += to - from;
    } else {
      this.#used += this.#chunk.write(start, at);
      this.#last = { text: start, from: at, to: this.#used };
    }
    this.#used += this.#chunk.write(rest, this.#used);
    this.#rows += 1;
    return true;
  }

  /** Compresses the lines so far. Resolves when there is room for any line. */
  async compress(): Promise<void> {
    const lines = this.#chunk.subarray(0, this.#used);
    await new Promise<void>((resolve, reject) => {
      this.#compressor.write(lines, (error) => (error ? reject(error) : resolve()));
    });
    this.#used = 0;
    // The next buffer is larger.
    if (this.#chunk.length < MOST_CHUNK) this.#chunk = Buffer.alloc(0);
  }

  /** Ends the object and returns its bytes. */
  async finish(): Promise<Buffer> {
    this.#compressor.end(this.#chunk.subarray(0, this.#used));
    await once(this.#compressor, 'end');
    return Buffer.concat(this.#compressed);
  }
}
