import { createHash, type Hash, hash } from 'node:crypto';
import type { LogReader } from './api.ts';
import type { BodySink } from './download.ts';

/**
 * How many bytes of a line are kept. MongoDB truncates attributes at 10 KB, so a longer line is not one of its own, and
 * readers of the lake reject a file with a line of 16 MB.
 */
export const MAX_LINE = 1024 * 1024;

const LINE_FEED = 0x0a;

/** Splits a log into lines. Holds one line, and of a longer one only what is kept. */
export class LineSplitter implements BodySink {
  readonly #reader: LogReader;
  #pieces: Buffer[] = [];
  #kept = 0;
  #length = 0;
  /** The hash of a line that is longer than what is kept. */
  #longHash: Hash | null = null;

  constructor(reader: LogReader) {
    this.#reader = reader;
  }

  write(bytes: Buffer): boolean {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#append(bytes.subarray(start, end));
      if (!this.#line()) return false;
      start = end + 1;
    }
    this.#append(bytes.subarray(start));
    return true;
  }

  /** The last line may lack its line feed. */
  end(): void {
    if (this.#length > 0) this.#line();
  }

  #append(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    this.#longHash?.update(piece);
    const kept = piece.subarray(0, MAX_LINE - this.#kept);
    if (kept.length > 0) this.#pieces.push(kept);
    this.#kept += kept.length;
    if (this.#longHash !== null || this.#length === this.#kept) return;
    // Hashing a line at once is much faster, so only a long one is hashed piece by piece.
    this.#longHash = createHash('sha256');
    for (const one of this.#pieces) this.#longHash.update(one);
    this.#longHash.update(piece.subarray(kept.length));
  }

  #line(): boolean {
    const [first, ...others] = this.#pieces;
    const bytes = others.length === 0 && first ? first : Buffer.concat(this.#pieces, this.#kept);
    const digest = this.#longHash?.digest() ?? hash('sha256', bytes, 'buffer');
    const line = { bytes, length: this.#length, digest };
    this.#pieces = [];
    this.#kept = 0;
    this.#length = 0;
    this.#longHash = null;
    return this.#reader.add(line);
  }
}
