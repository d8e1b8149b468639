import { createHash, type Hash, hash } from 'node:crypto';
import type { LogReader } from './api.ts';
import type { BodySink } from './download.ts';

/**
 * How many bytes of a line are kept. MongoDB truncates attributes at 10 KB, so a longer line is not one of its own, and
 * readers of the lake reject a file with a line of 16 MB.
 */
export const MAX_LINE = 1024 * 1024;

const LINE_FEED = 0x0a;

/** The byte order mark of UTF-8. */
const MARK = Buffer.from('\uFEFF');

/** Splits a log into lines, without a byte order mark. Holds one line, and of a longer one only what is kept. */
export class LineSplitter implements BodySink {
  readonly #reader: LogReader;
  /** The bytes that may be a byte order mark; null after them. */
  #head: Buffer | null = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #kept = 0;
  #length = 0;
  /** The hash of a line that is longer than what is kept. */
  #longHash: Hash | null = null;

  constructor(reader: LogReader) {
    this.#reader = reader;
  }

  write(piece: Buffer): boolean {
    if (this.#head === null) return this.#split(piece);
    const head = Buffer.concat([this.#head, piece]);
    const isMark = head.subarray(0, MARK.length).equals(MARK);
    this.#head = !isMark && MARK.indexOf(head) === 0 ? head : null;
    return this.#head !== null || this.#split(isMark ? head.subarray(MARK.length) : head);
  }

  /** The last line may lack its line feed. */
  end(): void {
    if (this.#head !== null) this.#append(this.#head);
    if (this.#length > 0) this.#line();
  }

  #split(bytes: Buffer): boolean {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#append(bytes.subarray(start, end));
      if (!this.#line()) return false;
      start = end + 1;
    }
    this.#append(bytes.subarray(start));
    return true;
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
