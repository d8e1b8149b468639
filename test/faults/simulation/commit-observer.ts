import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Changes, Item } from './aws/dynamodb.ts';
import {
  type CommitRecord,
  type Decided,
  decidedBetween,
  differingObjects,
  sha256Of,
} from './commit-records.ts';
import {
  type CursorChange,
  contentOf,
  cursorChange,
  placeOf,
  plain,
  type WatermarkMove,
  watermarkMovesOf,
} from './cursor-changes.ts';

/**
 * What became part of the lake at one instant, according to the requests to DynamoDB. A restored table that takes in a
 * record again makes no new commit, because the record was part of the lake before.
 */
export interface Commit {
  dataset: string;
  subject: string;
  /** The id of the run that wrote the commit. Another run may have completed it. */
  run: string;
  /** Its position among the commits: the number of its batch, plus a half if it has no objects. */
  sequence: number;
  at: number;
  /** Whether the lake has a record of it, from which a restored table takes it in again. */
  isRecorded: boolean;
  /** Whether it was recorded before a restore, and first committed by the run that brought the table up to date. */
  isRecovered: boolean;
  /** The index of the first commit after the restore that lost this one. Infinite if no restore did. */
  lostFrom: number;
  /** The objects that the commit adds to the lake, with their contents. */
  objects: ReadonlyMap<string, Buffer | undefined>;
  moves: readonly WatermarkMove[];
}

/** The protocol's fields of a header. */
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

/** Observes the cursor table: which objects are committed, which watermarks move, and whether runs follow the protocol. */
export class CommitObserver {
  readonly commits: Commit[] = [];
  /** The committed objects that someone deleted, with their bytes. */
  readonly deleted = new Map<string, { body: Buffer; at: number }>();
  /** The objects that were committed, or emptied because their run was dead. */
  readonly touched: Array<{ dataset: string; subject: string; sequence: number; keys: readonly string[] }> =
    [];
  /** Events that must never happen, even without consequences. */
  readonly violations: string[] = [];
  readonly #objects: ReadonlyMap<string, Buffer>;
  readonly #now: () => number;
  readonly #announced = new Set<string>();
  /** The objects whose announcement was lost with a table. */
  readonly #lostKeys = new Set<string>();
  /** The objects of given-up batches that a header has passed, with their announced hashes. */
  readonly #givenUp = new Set<string>();
  /** The last committed batch of each partition. */
  readonly #newest = new Map<string, number>();
  /** The cursors of the lost table by partition and id, which a run recorded in that table had read. */
  readonly #lostCursors = new Map<string, unknown>();
  #saved = 0;

  constructor(objects: ReadonlyMap<string, Buffer>, now: () => number) {
    this.#objects = objects;
    this.#now = now;
  }

  /** Returns every committed key of the lake, with its bytes at that time. */
  get committed(): ReadonlyMap<string, Buffer | undefined> {
    return new Map(this.commits.flatMap(({ objects }) => [...objects]));
  }

  /**
   * Returns objects that may stay although no run committed them. The table was lost before their run recorded them, and
   * no run has found that they were given up.
   */
  get orphans(): ReadonlySet<string> {
    const { committed } = this;
    return new Set(
      [...this.#lostKeys].filter((key) => {
        const body = this.#objects.get(key);
        return body !== undefined && !committed.has(key) && !this.#givenUp.has(`${key} ${sha256Of(body)}`);
      }),
    );
  }

  /** Notes that the table is saved now. */
  tableSaved(): void {
    this.#saved = this.commits.length;
  }

  /** Notes that another table replaces this one. Announcements that only the old table had are lost. */
  tableRestored(before: readonly Item[], after: readonly Item[]): void {
    for (const commit of this.commits.slice(this.#saved))
      if (!commit.isRecorded) commit.lostFrom = this.commits.length;
    const stillAnnounced = new Set(announcedIn(after));
    for (const key of announcedIn(before).filter((key) => !stillAnnounced.has(key))) {
      this.#lostKeys.add(key);
      // Its batch has no known record, so the next run may use its number again, once.
      this.#announced.delete(key);
    }
    for (const item of before) this.#lostCursors.set(placeOf(item), contentOf(item));
  }

  observe(changes: Changes): void {
    // The list of projects and organisations that ticks keep is not part of the protocol.
    if (changes.every(({ after }) => String(after?.['pk']?.['S']).startsWith('units#'))) return;
    const headers = changes.filter(({ after }) => after?.['sk']?.['S'] === 'header');
    const [change] = headers;
    if (headers.length !== 1 || change?.after === undefined) {
      this.violations.push('a change of the cursor table that is not a change of one header');
      return;
    }
    const partition = String(change.after['pk']?.['S']);
    const [dataset = '', subject = ''] = partition.split('#');
    const partitionPath = `${dataset}/${subject}`;
    const before = change.before && headerSchema.parse(plain(change.before));
    const after = headerSchema.parse(plain(change.after));
    this.#checkHeader(partition, before, after);
    const cursors = changes.filter((other) => other !== change).flatMap(cursorChange);
    const { records, givenUp } = this.#decidedIn(partitionPath, before, after);
    for (const { key, sha256 } of givenUp) this.#givenUp.add(`${key} ${sha256}`);
    const was = before?.pending?.keys ?? [];
    if (was.length > 0 && after.pending === null) {
      this.touched.push({ dataset, subject, sequence: before?.pending?.batch ?? 0, keys: was });
    }
    if (was.length > 0 && cursors.length > 0 && records.length === 0)
      this.violations.push(`${partition}: cursors moved over a dead batch`);
    const isNew = records.length === 0 && (cursors.length > 0 || (!before?.pending && after.pending));
    if (isNew && (after.batch ?? 0) < (this.#newest.get(partitionPath) ?? 0))
      this.violations.push(`${partition}: went on while the table lacked commits of the lake`);
    const origin = { dataset, subject, at: this.#now(), lostFrom: Number.POSITIVE_INFINITY };
    if (records.length > 0) {
      this.#checkCursors(partition, records, cursors);
      const isRecovered = !before?.pending;
      for (const record of records) this.#commitRecord(record, { ...origin, isRecovered }, cursors);
    } else if (cursors.length > 0) {
      this.commits.push({
        ...origin,
        run: after.writtenBy,
        sequence: (after.batch ?? 0) + 0.5,
        isRecorded: false,
        isRecovered: false,
        objects: new Map(),
        moves: cursors.flatMap((cursor) => watermarkMovesOf(cursor.before, cursor.after)),
      });
    }
  }

  #decidedIn(partitionPath: string, before: Header | undefined, { batch }: Header): Decided {
    if (before === undefined || batch === null) return { records: [], givenUp: [] };
    return decidedBetween(this.#objects, partitionPath, before.batch ?? 0, batch);
  }

  /** Notes a record that a header passes as a commit, unless a restored table takes it in again. */
  #commitRecord(
    record: CommitRecord,
    origin: Pick<Commit, 'dataset' | 'subject' | 'at' | 'lostFrom' | 'isRecovered'>,
    changes: readonly CursorChange[],
  ): void {
    for (const key of differingObjects(this.#objects, record).filter((one) => !this.deleted.has(one)))
      this.violations.push(`${key} is not what the record of its commit says`);
    const partitionPath = `${origin.dataset}/${origin.subject}`;
    if (record.batch <= (this.#newest.get(partitionPath) ?? 0)) return;
    this.#newest.set(partitionPath, record.batch);
    const partition = `${origin.dataset}#${origin.subject}`;
    const before = (id: string) =>
      origin.isRecovered
        ? this.#lostCursors.get(`${partition} cursor#${id}`)
        : changes.find((change) => change.id === id)?.before;
    this.commits.push({
      ...origin,
      run: record.run,
      sequence: record.batch,
      isRecorded: true,
      objects: new Map(record.objects.map(({ key }) => [key, this.#objects.get(key)])),
      moves: record.cursors.flatMap(({ id, content }) => watermarkMovesOf(before(id), content ?? undefined)),
    });
  }

  /** Checks that each cursor gets exactly its last content in the records that the header passes. */
  #checkCursors(partition: string, records: readonly CommitRecord[], changes: readonly CursorChange[]): void {
    const recorded = new Map(
      records.flatMap(({ cursors }) => cursors.map(({ id, content }) => [id, content ?? undefined])),
    );
    const written = new Map(changes.map(({ id, after }) => [id, after]));
    for (const id of new Set([...recorded.keys(), ...written.keys()])) {
      if (!recorded.has(id) || !isDeepStrictEqual(written.get(id), recorded.get(id)))
        this.violations.push(`${partition}: cursor ${id} is not what the record of its commit says`);
    }
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
      if (this.#announced.has(key)) this.violations.push(`${key} is announced for the second time`);
      this.#announced.add(key);
    }
  }
}

function announcedIn(items: readonly Item[]): string[] {
  return items
    .filter(({ sk }) => sk?.['S'] === 'header')
    .flatMap((item) => headerSchema.parse(plain(item)).pending?.keys ?? []);
}
