import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import pLimit from 'p-limit';
import type { Header } from '../../shared/cursors/header.ts';
import { Eraser, isPersonal } from '../../shared/lake/erasure.ts';
import { dayOfKey } from '../../shared/lake/keys.ts';
import type { LakeRewriter } from '../../shared/lake/lake-rewriter.ts';
import type { Table } from '../../shared/lake/table.ts';

const decompress = promisify(gunzip);
const compress = promisify(gzip);

/** Objects that are read at a time. */
const CONCURRENCY = 8;

/** An object that changes while it is rewritten is read again so often. */
const TRIES = 3;

export interface Erasure {
  tables: readonly Table[];
  lake: LakeRewriter;
  /** Every header of the cursor table. */
  readHeaders(): Promise<ReadonlyArray<{ header: Header }>>;
  user: string;
  /** False only looks. */
  apply: boolean;
}

/** What was found in a table, or erased from it. */
export interface TableErasure {
  table: string;
  objects: number;
  removed: number;
  changed: number;
  /** The days whose objects name the person. */
  days: string[];
}

export interface ErasureResult {
  tables: TableErasure[];
  /** Objects of runs that have not committed: whether their rows count is not decided, and they were left alone. */
  pending: number;
}

/**
 * Takes a person out of the lake: rows about them go, and where other rows name them the name goes. Each object is
 * replaced in place and in one step, so that no query and no run ever meets half of it, and keys stay what the commit
 * protocol made them. Safe to stop and to repeat.
 */
export async function eraseUser({ tables, lake, readHeaders, user, apply }: Erasure): Promise<ErasureResult> {
  const personal = tables.filter(isPersonal);
  const listed = await Promise.all(personal.map(async ({ name }) => lake.list(name)));
  // Only then: what was listed and is announced no more has been committed, or emptied, in the meantime.
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
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const stored = await lake.read(key);
    const { text, ...counts } = eraser.erase((await decompress(stored.body)).toString('utf8'));
    if (counts.removed + counts.changed === 0 || !apply) return counts;
    if (await lake.replace(key, await compress(text), stored)) return counts;
  }
  throw new Error(`${key} changes again and again; stop what rewrites the lake, and erase again`);
}
