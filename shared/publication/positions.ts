import * as z from 'zod';
import { NewerStateError } from '../cursors/versions.ts';
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

const VERSION = 1;

const storedSchema = z.object({
  version: z.int(),
  subjects: z.record(z.string(), z.tuple([z.int(), z.number()])),
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
    const body = await this.#objects.read(keyOf(dataset));
    const positions = new Map<SubjectId, Position>();
    if (body === null) return positions;
    const { version, subjects } = storedSchema.parse(JSON.parse(body.toString('utf8')));
    if (version > VERSION) throw new NewerStateError(`the positions of ${dataset}`, version, VERSION);
    for (const [subject, [batch, at]] of Object.entries(subjects)) {
      if (isProjectId(subject)) positions.set(subject, { batch, at });
    }
    return positions;
  }

  async write(dataset: string, positions: Positions): Promise<void> {
    const subjects = Object.fromEntries([...positions].map(([id, { batch, at }]) => [id, [batch, at]]));
    await this.#objects.overwrite(
      keyOf(dataset),
      Buffer.from(JSON.stringify({ version: VERSION, subjects })),
    );
  }
}

function keyOf(dataset: string): string {
  return `${PUBLICATION_FOLDER}/positions/${dataset}.json`;
}
