import { DAY } from '../durations.ts';
import type { Compression } from './compression.ts';
import { utcDay } from './format.ts';
import { PartitionFile } from './partition-file.ts';
import type { Redactor } from './redaction.ts';
import { type RowEncoder, rowEncoder } from './row-encoder.ts';
import type { Table, TableRows } from './table.ts';

/** A finished object whose key still lacks the batch number. */
export interface FinishedFile {
  table: string;
  day: string;
  compression: Compression;
  rows: number;
  body: Buffer;
}

/** Sorts the rows of one batch into one file for each table and day. */
export class BatchFiles {
  readonly #files = new Map<string, { table: string; day: string; file: PartitionFile }>();
  readonly #encoders = new Map<string, RowEncoder>();
  readonly #redactor: Redactor;
  readonly #compression: Compression;

  constructor(redactor: Redactor, compression: Compression) {
    this.#redactor = redactor;
    this.#compression = compression;
  }

  /** Number of objects that the batch will write. */
  get count(): number {
    return this.#files.size;
  }

  /** Compressed bytes so far. */
  get bytes(): number {
    let sum = 0;
    for (const { file } of this.#files.values()) sum += file.bytes;
    return sum;
  }

  async add({ table, rows }: TableRows): Promise<void> {
    const encode = this.#encoder(table);
    let start = Number.NaN;
    let file: PartitionFile | undefined;
    for (const row of rows) {
      // Most rows have the same day as the previous row.
      if (file === undefined || !(row.ts >= start && row.ts < start + DAY)) {
        start = Math.floor(row.ts / DAY) * DAY;
        file = this.#file(table, utcDay(start));
      }
      const line = encode(row);
      while (!file.add(line)) await file.compress();
    }
  }

  async finish(): Promise<FinishedFile[]> {
    const finished: FinishedFile[] = [];
    const compression = this.#compression;
    for (const { table, day, file } of this.#files.values()) {
      finished.push({ table, day, compression, rows: file.rows, body: await file.finish() });
    }
    return finished;
  }

  #encoder(table: Table): RowEncoder {
    const known = this.#encoders.get(table.name);
    if (known) return known;
    const encoder = rowEncoder(table, this.#redactor);
    this.#encoders.set(table.name, encoder);
    return encoder;
  }

  #file(table: Table, day: string): PartitionFile {
    const id = `${table.name}/${day}`;
    const known = this.#files.get(id);
    if (known) return known.file;
    const file = new PartitionFile(this.#compression);
    this.#files.set(id, { table: table.name, day, file });
    return file;
  }
}
