import { utcDay } from './format.ts';
import { PartitionFile } from './partition-file.ts';
import { type RowEncoder, rowEncoder } from './row-encoder.ts';
import type { Table, TableRows } from './table.ts';

/** A finished object, before the sequence that completes its key is known. */
export interface FinishedFile {
  table: string;
  day: string;
  rows: number;
  body: Buffer;
}

/** The rows of one batch, sorted into one file for each table and day. */
export class BatchFiles {
  readonly #files = new Map<string, { table: string; day: string; file: PartitionFile }>();
  readonly #encoders = new Map<string, RowEncoder>();

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
    const lines = new Map<string, { text: string; rows: number }>();
    for (const row of rows) {
      const day = utcDay(row.ts);
      const entry = lines.get(day);
      if (entry) {
        entry.text += encode(row);
        entry.rows += 1;
      } else {
        lines.set(day, { text: encode(row), rows: 1 });
      }
    }
    for (const [day, entry] of lines) await this.#file(table, day).append(entry.text, entry.rows);
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
    const encoder = rowEncoder(table);
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
