import { once } from 'node:events';
import { createGzip } from 'node:zlib';

/**
 * One object in the making: rows are compressed as they come, so that a batch costs the memory of its compressed
 * form. Level 6 is zlib's default; on measurement rows higher levels cost twice the time for two per cent.
 */
export class PartitionFile {
  readonly #gzip = createGzip({ level: 6 });
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  #failure: Error | undefined;

  constructor() {
    this.#gzip.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    });
    this.#gzip.on('error', (error) => {
      this.#failure = error;
    });
  }

  get rows(): number {
    return this.#rows;
  }

  /** Compressed bytes so far; what the compressor still holds is not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds lines of NDJSON; resolves when the compressor is ready for more. */
  async append(lines: string, rows: number): Promise<void> {
    this.#rows += rows;
    if (!this.#gzip.write(lines)) await once(this.#gzip, 'drain');
    if (this.#failure) throw this.#failure;
  }

  /** Ends the object and gives its bytes. */
  async finish(): Promise<Buffer> {
    this.#gzip.end();
    await once(this.#gzip, 'end');
    return Buffer.concat(this.#chunks);
  }
}
