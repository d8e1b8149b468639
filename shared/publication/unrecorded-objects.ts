import * as z from 'zod';
import type { CursorStore } from '../cursors/cursor-store.ts';
import type { PartitionKey } from '../cursors/header.ts';
import { FIRST_RECORDED_BATCH, type ObjectName, parseObjectKey } from '../lake/keys.ts';
import type { PublicationBucket } from '../lake/publication-bucket.ts';
import { PUBLICATION_FOLDER } from './slice-store.ts';
import type { CommittedObject } from './slices.ts';

const PROGRESS_KEY = `${PUBLICATION_FOLDER}/unrecorded.json`;

const PAGE = 1_000;

/** How far the objects of before 0.1.0 have been found. */
interface Progress {
  /** The last listed key of each table; null when all of the table is listed. */
  tables: Record<string, string | null>;
  /** Objects that a run had announced and not committed when they were listed. */
  announced: string[];
}

const progressSchema = z.object({
  tables: z.record(z.string(), z.string().nullable()),
  announced: z.array(z.string()),
});

/**
 * Finds the objects of before 0.1.0, which have no commit record. It lists each table once. An object is committed or
 * emptied if no header announces it after it was listed; an announced one is checked again the next time.
 */
export class UnrecordedObjects {
  readonly #objects: PublicationBucket;
  readonly #cursors: CursorStore;

  constructor(objects: PublicationBucket, cursors: CursorStore) {
    this.#objects = objects;
    this.#cursors = cursors;
  }

  /**
   * Returns more of these objects, and what stores the progress. The caller stores it after the objects.
   *
   * @param now clock time, ms. What was announced before counts as committed now.
   * @param mayContinue returns whether more may be read after this many objects
   */
  async readNext(
    tables: readonly string[],
    { now, mayContinue }: { now: number; mayContinue: (objects: number) => boolean },
  ): Promise<{
    objects: CommittedObject[];
    isComplete: boolean;
    /** When the next of the unread objects was written, ms; null if there is none, or the next ones have records. */
    unreadSince: number | null;
    save: () => Promise<void>;
  }> {
    const progress = await this.#progress();
    const listed: CommittedObject[] = progress.announced.flatMap((key) => committed(key, 0, now));
    let unreadSince: number | null = null;
    for (const table of tables) {
      let after = progress.tables[table];
      while (after !== null && mayContinue(listed.length)) {
        const page = await this.#objects.listPage(`${table}/`, { after, max: PAGE });
        for (const { key, bytes, writtenAt } of page.objects) {
          listed.push(...committed(key, bytes, writtenAt));
          after = key;
        }
        if (!page.hasMore) after = null;
        progress.tables[table] = after ?? null;
      }
      if (after === null) continue;
      const next = await this.#objects.listPage(`${table}/`, { after, max: 1 });
      for (const { committedAt } of next.objects.flatMap(({ key, writtenAt }) =>
        committed(key, 0, writtenAt),
      )) {
        unreadSince = Math.min(unreadSince ?? Infinity, committedAt);
      }
    }
    const announced = await this.#announced(listed);
    progress.announced = listed.map(({ key }) => key).filter((key) => announced.has(key));
    return {
      objects: listed.filter(({ key }) => !announced.has(key)),
      unreadSince,
      isComplete: tables.every((table) => progress.tables[table] === null),
      save: () => this.#write(progress),
    };
  }

  /** Lists the objects of some tables again, because they are published again. */
  async restart(tables: readonly string[]): Promise<void> {
    const progress = await this.#progress();
    const left = Object.entries(progress.tables).filter(([table]) => !tables.includes(table));
    await this.#write({ ...progress, tables: Object.fromEntries(left) });
  }

  async #write(progress: Progress): Promise<void> {
    await this.#objects.overwrite(PROGRESS_KEY, Buffer.from(JSON.stringify(progress)));
  }

  async #progress(): Promise<Progress> {
    const body = await this.#objects.read(PROGRESS_KEY);
    return body ? progressSchema.parse(JSON.parse(body.toString('utf8'))) : { tables: {}, announced: [] };
  }

  /** Returns the keys that headers announce now. */
  async #announced(objects: readonly CommittedObject[]): Promise<Set<string>> {
    const scopes = new Map<string, PartitionKey>();
    for (const { key } of objects) {
      const name = parseObjectKey(key);
      if (name) scopes.set(`${name.dataset}#${name.subject}`, name);
    }
    const keys = new Set<string>();
    for (const { dataset, subject } of scopes.values()) {
      const header = await this.#cursors.readHeader({ dataset, subject });
      for (const { key } of header?.pending?.objects ?? []) keys.add(key);
    }
    return keys;
  }
}

function committed(key: string, bytes: number, writtenAt: number): CommittedObject[] {
  const name: ObjectName | undefined = parseObjectKey(key);
  if (!name || name.batch >= FIRST_RECORDED_BATCH) return [];
  return [{ key, table: name.table, day: name.day, bytes, committedAt: writtenAt }];
}
