import * as z from 'zod';
import { checkVersion } from '../cursors/versions.ts';
import type { SubjectId } from '../ids.ts';
import { isProjectId } from '../ids.ts';
import type { PublicationBucket } from '../lake/publication-bucket.ts';
import { PUBLICATION_FOLDER } from './slice-store.ts';

/** How far the commit records of one dataset and subject have been read. */
export interface Position {
  batch: number;
  /** When that batch was recorded, clock time, ms. */
  at: number;
}

export type Positions = ReadonlyMap<SubjectId, Position>;

/** Tables that are published again, and how far the records have been read for them. */
export interface Restart {
  tables: readonly string[];
  positions: Positions;
}

const VERSION = 1;

const storedSchema = z.object({
  subjects: z.record(z.string(), z.tuple([z.int(), z.number()])),
  tables: z.array(z.string()).default([]),
});

/**
 * The positions of all subjects of each dataset, one object for a dataset. The lock makes one execution the only writer.
 * A lost object is no harm: all commits are read again, and their rows are already in Iceberg.
 */
export class PositionStore {
  readonly #objects: PublicationBucket;

  constructor(objects: PublicationBucket) {
    this.#objects = objects;
  }

  /** @throws {NewerStateError} if a later version wrote the positions */
  async read(dataset: string): Promise<Map<SubjectId, Position>> {
    return (await this.#read(keyOf(dataset), dataset)).positions;
  }

  async write(dataset: string, positions: Positions): Promise<void> {
    await this.#write(keyOf(dataset), positions, {});
  }

  /**
   * Returns which tables are published again from the first record of a dataset, and how far; null if none are.
   * @throws {NewerStateError} if a later version wrote it
   */
  async readRestart(dataset: string): Promise<Restart | null> {
    const { positions, tables } = await this.#read(restartKeyOf(dataset), dataset);
    return tables.length === 0 ? null : { positions, tables };
  }

  async writeRestart(dataset: string, { positions, tables }: Restart): Promise<void> {
    await this.#write(restartKeyOf(dataset), positions, { tables });
  }

  async endRestart(dataset: string): Promise<void> {
    await this.#objects.remove(restartKeyOf(dataset));
  }

  async #read(
    key: string,
    dataset: string,
  ): Promise<{ positions: Map<SubjectId, Position>; tables: string[] }> {
    const body = await this.#objects.read(key);
    const positions = new Map<SubjectId, Position>();
    if (body === null) return { positions, tables: [] };
    const stored: unknown = JSON.parse(body.toString('utf8'));
    checkVersion(stored, `the positions of ${dataset}`, VERSION);
    const { subjects, tables } = storedSchema.parse(stored);
    for (const [subject, [batch, at]] of Object.entries(subjects)) {
      if (isProjectId(subject)) positions.set(subject, { batch, at });
    }
    return { positions, tables };
  }

  async #write(key: string, positions: Positions, more: { tables?: readonly string[] }): Promise<void> {
    const subjects = Object.fromEntries([...positions].map(([id, { batch, at }]) => [id, [batch, at]]));
    const stored = { version: VERSION, subjects, ...more };
    await this.#objects.overwrite(key, Buffer.from(JSON.stringify(stored)));
  }
}

function keyOf(dataset: string): string {
  return `${PUBLICATION_FOLDER}/positions/${dataset}.json`;
}

function restartKeyOf(dataset: string): string {
  return `${PUBLICATION_FOLDER}/restarts/${dataset}.json`;
}
