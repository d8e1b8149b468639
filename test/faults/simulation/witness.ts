import { gunzipSync } from 'node:zlib';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Changes, Item } from './aws/dynamodb.ts';

/** What became part of the lake at one instant, seen from outside: from what DynamoDB was told. */
export interface Commit {
  dataset: string;
  project: string;
  /** The id of the run that wrote it, though another may have carried it out. */
  run: string;
  /** The first run whose commit it is: another one where a restored table takes several commits in at once. */
  firstRun: string;
  /** Its place among the commits: the number of its batch, and a half more where it brought no objects. */
  sequence: number;
  at: number;
  /** Objects that are part of the lake from now on, and what was in them. */
  objects: ReadonlyMap<string, Buffer | undefined>;
  moves: readonly Move[];
}

/** How a target's watermark moved with a commit. */
export interface Move {
  source: string;
  name: string;
  /** Undefined where it was not known before. */
  from: number | undefined;
  to: number;
  /** What the dataset stored with the states. */
  states: unknown;
}

const cursorSchema = z.object({
  owner: z.string(),
  targets: z.array(z.object({ name: z.string(), mark: z.number() })),
  states: z.unknown(),
});

/** What a header says of the protocol. */
const headerSchema = z.object({
  sequence: z.number(),
  writtenBy: z.string(),
  batch: z.number().nullable().default(null),
  pending: z
    .object({ batch: z.number(), objects: z.array(z.object({ key: z.string() })) })
    .nullable()
    .transform((pending) => pending && { ...pending, keys: pending.objects.map(({ key }) => key) }),
});

type Header = z.infer<typeof headerSchema>;

const recordSchema = z.object({
  run: z.string(),
  objects: z.array(z.object({ key: z.string(), rows: z.number(), bytes: z.number() })),
});

type CommitRecord = z.infer<typeof recordSchema>;

/** Watches the cursor table: which objects were committed, which watermarks moved, and whether the protocol was kept. */
export class Witness {
  readonly commits: Commit[] = [];
  /** Objects that were committed, or emptied because their run was dead. */
  readonly touched: Array<{ dataset: string; project: string; sequence: number; keys: readonly string[] }> =
    [];
  /** When the table was restored to an earlier time. */
  readonly restores: number[] = [];
  /** Objects that a run had announced and not committed when the table was restored. */
  readonly orphans = new Set<string>();
  /** What may never happen, whatever comes of it. */
  readonly violations: string[] = [];
  readonly #objects: ReadonlyMap<string, Buffer>;
  readonly #now: () => number;
  readonly #announced = new Set<string>();

  constructor(objects: ReadonlyMap<string, Buffer>, now: () => number) {
    this.#objects = objects;
    this.#now = now;
  }

  /** Every key of the lake that was committed, and its bytes at that time. */
  get committed(): ReadonlyMap<string, Buffer | undefined> {
    const all = new Map<string, Buffer | undefined>();
    // What a restored table commits again must be what it was.
    for (const { objects } of this.commits)
      for (const [key, body] of objects) if (!all.has(key)) all.set(key, body);
    return all;
  }

  /**
   * The table is another one from now on. What the one before had announced and not decided is known to nobody: its
   * objects may stay, though nobody committed them.
   */
  restored(before: readonly Item[]): void {
    this.restores.push(this.#now());
    for (const item of before.filter(({ sk }) => sk?.['S'] === 'header')) {
      for (const key of headerSchema.parse(plain(item)).pending?.keys ?? []) this.orphans.add(key);
    }
  }

  note(changes: Changes): void {
    // What ticks know of projects and organisations is not part of the protocol.
    if (changes.every(({ after }) => String(after?.['pk']?.['S']).startsWith('units#'))) return;
    const headers = changes.filter(({ after }) => after?.['sk']?.['S'] === 'header');
    const [change] = headers;
    if (headers.length !== 1 || change?.after === undefined) {
      this.violations.push('a change of the cursor table that is not a change of one header');
      return;
    }
    const partition = String(change.after['pk']?.['S']);
    const [dataset = '', project = ''] = partition.split('#');
    const before = change.before && headerSchema.parse(plain(change.before));
    const after = headerSchema.parse(plain(change.after));
    this.#checkHeader(partition, before, after);
    const cursors = changes.filter((other) => other !== change);
    const records = this.#passedRecords(`${dataset}/${project}`, before, after);
    const objects = records.flatMap((record) => record.objects.map(({ key }) => key));
    const was = before?.pending?.keys ?? [];
    if (was.length > 0 && after.pending === null) {
      this.touched.push({ dataset, project, sequence: before?.pending?.batch ?? 0, keys: was });
    }
    if (objects.length === 0 && cursors.length === 0) return;
    if (was.length > 0 && objects.length === 0)
      this.violations.push(`${partition}: cursors moved over a dead batch`);
    this.commits.push({
      dataset,
      project,
      run: records.at(-1)?.run ?? after.writtenBy,
      firstRun: records[0]?.run ?? after.writtenBy,
      sequence: (after.batch ?? 0) + (objects.length > 0 ? 0 : 0.5),
      at: this.#now(),
      objects: new Map(objects.map((key) => [key, this.#objects.get(key)])),
      moves: cursors.flatMap(({ before: old, after: item }) => movesOf(old, item)),
    });
  }

  #checkHeader(partition: string, before: Header | undefined, after: Header): void {
    if (after.sequence !== (before?.sequence ?? 0) + 1) {
      this.violations.push(`${partition}: the sequence went from ${before?.sequence} to ${after.sequence}`);
    }
    if ((after.batch ?? 0) < (before?.batch ?? 0)) {
      this.violations.push(`${partition}: the batch went from ${before?.batch} to ${after.batch}`);
    }
    const was = before?.pending ?? null;
    if (was && after.pending && was.keys.join() !== after.pending.keys.join()) {
      this.violations.push(`${partition}: announced over a batch that is pending`);
    }
    if (was || !after.pending) return;
    for (const key of after.pending.keys) {
      // A table that was restored does not know what a dead run had announced without a record.
      const isKnown = this.#announced.has(key) && !this.orphans.has(key);
      if (isKnown) this.violations.push(`${key} is announced for the second time`);
      this.#announced.add(key);
    }
  }

  /** The records of the batches that an update of a header passes. */
  #passedRecords(unit: string, before: Header | undefined, after: Header): CommitRecord[] {
    if (before === undefined || after.batch === null) return [];
    const records: CommitRecord[] = [];
    const place = (batch: number | null) =>
      `_commits/${unit}/${String(batch ?? 0).padStart(10, '0')}.commit.gz`;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(`_commits/${unit}/`)).sort();
    for (const key of keys.filter((key) => key > place(before.batch) && key <= place(after.batch))) {
      const text = gunzipSync(this.#objects.get(key) ?? '').toString('utf8');
      const stored: unknown = JSON.parse(text);
      if (typeof stored === 'object' && stored !== null && 'given_up' in stored) continue;
      const record = recordSchema.parse(stored);
      for (const { key, rows, bytes } of record.objects) {
        const object = this.#objects.get(key);
        const lines = object === undefined ? 0 : gunzipSync(object).toString('utf8').split('\n').length - 1;
        if (object?.length !== bytes || lines !== rows)
          this.violations.push(`${key} is not what the record of its commit says`);
      }
      records.push(record);
    }
    return records;
  }
}

function movesOf(before: Item | undefined, after: Item | undefined): Move[] {
  if (after === undefined) return [];
  const contents = plain(after)['content'];
  // A part of a state that is larger than an item.
  if (!cursorSchema.safeParse(contents).success) return [];
  const old = before && cursorSchema.parse(plain(before)['content']);
  const watermarks = new Map(old?.targets.map(({ name, mark }) => [name, mark]));
  const { owner, targets, states } = cursorSchema.parse(contents);
  return targets.map(({ name, mark }) => ({
    source: owner,
    name,
    from: watermarks.get(name),
    to: mark,
    states,
  }));
}

/** The item's values; binary ones stay as they are on the wire. */
export function plain(item: Item): Record<string, unknown> {
  return unmarshall(JSON.parse(JSON.stringify(item)));
}
