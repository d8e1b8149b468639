import pLimit from 'p-limit';
import type { Header } from '../../shared/cursors/header.ts';
import { codecOfKey } from '../../shared/lake/compression.ts';
import { Eraser, isPersonal } from '../../shared/lake/erasure.ts';
import { dayOfKey } from '../../shared/lake/keys.ts';
import type { LakeRewriter } from '../../shared/lake/lake-rewriter.ts';
import type { Table } from '../../shared/lake/table.ts';

/** Number of objects read at a time. */
const CONCURRENCY = 8;

/** Maximum attempts for an object that changes while it is rewritten. */
const TRIES = 3;

export interface Erasure {
  tables: readonly Table[];
  lake: LakeRewriter;
  /** Reads every header of the cursor table. */
  readHeaders(): Promise<ReadonlyArray<{ header: Header }>>;
  user: string;
  /** If false, only counts. */
  apply: boolean;
}

/** The rows found in a table, or erased from it. */
export interface TableErasure {
  table: string;
  objects: number;
  removed: number;
  changed: number;
  /** The days of objects that mention the person. */
  days: string[];
}

export interface ErasureResult {
  tables: TableErasure[];
  /** Objects of uncommitted runs, which were not changed. The runs may still commit or discard them. */
  pending: number;
}

/**
 * Erases a person from the lake. It deletes rows about the person, and removes the name from rows that mention them.
 * It replaces each object atomically under the same key, so that no query or run reads a partial object. It is safe to
 * stop and repeat.
 */
export async function eraseUser({ tables, lake, readHeaders, user, apply }: Erasure): Promise<ErasureResult> {
  const personal = tables.filter(isPersonal);
  const listed = await Promise.all(personal.map(async ({ name }) => lake.list(name)));
  // Read after listing: a listed object that is not announced now was committed or emptied in the meantime.
  const headers = await readHeaders();
  const announced = new Set(
    headers.flatMap(({ header }) => header.pending?.objects.map(({ key }) => key) ?? []),
  );
  const results: TableErasure[] = [];
  for (const [index, table] of personal.entries()) {
    const keys = (listed[index] ?? []).filter((key) => !announced.has(key));
    results.push(await eraseFrom(table, keys, { lake, user, apply }));
  }
  return { tables: results, pending: listed.flat().filter((key) => announced.has(key)).length };
}

async function eraseFrom(
  table: Table,
  keys: readonly string[],
  { lake, user, apply }: Pick<Erasure, 'lake' | 'user' | 'apply'>,
): Promise<TableErasure> {
  const eraser = new Eraser(table, user);
  const limit = pLimit(CONCURRENCY);
  const days = new Set<string>();
  const total = { objects: 0, removed: 0, changed: 0 };
  const work = keys.map((key) =>
    limit(async () => {
      const erased = await eraseObject(key, eraser, lake, apply);
      if (erased.removed + erased.changed === 0) return;
      total.objects += 1;
      total.removed += erased.removed;
      total.changed += erased.changed;
      days.add(dayOfKey(key) ?? key);
    }),
  );
  await Promise.all(work);
  return { table: table.name, ...total, days: [...days].sort() };
}

async function eraseObject(
  key: string,
  eraser: Eraser,
  lake: LakeRewriter,
  apply: boolean,
): Promise<{ removed: number; changed: number }> {
  const { compress, decompress } = codecOfKey(key);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const stored = await lake.read(key);
    const { text, ...counts } = eraser.erase((await decompress(stored.body)).toString('utf8'));
    if (counts.removed + counts.changed === 0 || !apply) return counts;
    if (await lake.replace(key, await compress(text), stored)) return counts;
  }
  throw new Error(`${key} keeps changing: stop the program that rewrites the lake, then erase again`);
}
