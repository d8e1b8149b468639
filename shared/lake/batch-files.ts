import { DAY, utcDay } from './format.ts';
import { PartitionFile } from './partition-file.ts';
import type { Redactor } from './redaction.ts';
import { type RowEncoder, rowEncoder } from './row-encoder.ts';
import type { Table, TableRows } from './table.ts';

/** A finished object, before the sequence that completes its key is known. */
export interface FinishedFile {
  table: string;
  day: string;
  rows: number;
  body: Buffer;
}

/** Characters that are handed to the compressor at a time: many rows, and little memory. */
const CHUNK = 256 * 1024;

/** The rows of one batch, sorted into one file for each table and day. */
export class BatchFiles {
  readonly #files = new Map<string, { table: string; day: string; file: PartitionFile }>();
  readonly #encoders = new Map<string, RowEncoder>();
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** How many objects the batch will write. */
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
    const days = new Map<number, { text: string; rows: number }>();
    for (const row of rows) {
      const start = Math.floor(row.ts / DAY) * DAY;
      const lines = days.get(start) ?? { text: '', rows: 0 };
      lines.text += encode(row);
      lines.rows += 1;
      days.set(start, lines);
      if (lines.text.length < CHUNK) continue;
      await this.#file(table, utcDay(start)).append(lines.text, lines.rows);
      days.delete(start);
    }
    for (const [start, { text, rows: count }] of days) {
      await this.#file(table, utcDay(start)).append(text, count);
    }
  }

  async finish(): Promise<FinishedFile[]> {
    const finished: FinishedFile[] = [];
    for (const { table, day, file } of this.#files.values()) {
      finished.push({ table, day, rows: file.rows, body: await file.finish() });
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
    const file = new PartitionFile();
    this.#files.set(id, { table: table.name, day, file });
    return file;
  }
}
