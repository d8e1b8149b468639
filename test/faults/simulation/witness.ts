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
  type Move,
  movesOf,
  placeOf,
  plain,
} from './cursor-changes.ts';

/**
 * What became part of the lake at one instant, seen from outside: from what DynamoDB was told. What a restored table
 * takes in again from the lake's records was part of it before, and is no other commit.
 */
export interface Commit {
  dataset: string;
  project: string;
  /** The id of the run that wrote it, though another may have carried it out. */
  run: string;
  /** Its place among the commits: the number of its batch, and a half more where it brought no objects. */
  sequence: number;
  at: number;
  /** Whether the lake has a record of it, with which a table that was restored takes it in again. */
  isRecorded: boolean;
  /** It was recorded before the table was restored, and first committed by the run that brought the table up to the lake. */
  isRecovered: boolean;
  /** The place of the first commit before which a restored table had lost it; infinite where none had. */
  lostFrom: number;
  /** Objects that are part of the lake from now on, and what was in them. */
  objects: ReadonlyMap<string, Buffer | undefined>;
  moves: readonly Move[];
}

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

/** Watches the cursor table: which objects were committed, which watermarks moved, and whether the protocol was kept. */
export class Witness {
  readonly commits: Commit[] = [];
  /** Objects that were committed, or emptied because their run was dead. */
  readonly touched: Array<{ dataset: string; project: string; sequence: number; keys: readonly string[] }> =
    [];
  /** What may never happen, whatever comes of it. */
  readonly violations: string[] = [];
  readonly #objects: ReadonlyMap<string, Buffer>;
  readonly #now: () => number;
  readonly #announced = new Set<string>();
  /** Objects whose announcement was lost with a table. */
  readonly #lostKeys = new Set<string>();
  /** Objects of batches that a header has passed as given up, with what was announced of them. */
  readonly #givenUp = new Set<string>();
  /** The last batch that was committed, by unit. */
  readonly #newest = new Map<string, number>();
  /** The cursors of the table that was lost, by unit and id: what a run that was recorded in it had read. */
  readonly #lostCursors = new Map<string, unknown>();
  #saved = 0;

  constructor(objects: ReadonlyMap<string, Buffer>, now: () => number) {
    this.#objects = objects;
    this.#now = now;
  }

  /** Every key of the lake that was committed, and its bytes at that time. */
  get committed(): ReadonlyMap<string, Buffer | undefined> {
    return new Map(this.commits.flatMap(({ objects }) => [...objects]));
  }

  /**
   * Objects that may stay though nobody committed them: the table was lost before their run had recorded them, and no
   * run has found that they were given up.
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

  /** The table is kept as it is now. */
  save(): void {
    this.#saved = this.commits.length;
  }

  /** The table is another one from now on. What only the one before had announced is known to nobody. */
  restored(before: readonly Item[], after: readonly Item[]): void {
    for (const commit of this.commits.slice(this.#saved))
      if (!commit.isRecorded) commit.lostFrom = this.commits.length;
    const stillAnnounced = new Set(announcedIn(after));
    for (const key of announcedIn(before).filter((key) => !stillAnnounced.has(key))) {
      this.#lostKeys.add(key);
      // Its batch has no record, as far as is known: the next run counts it again, once.
      this.#announced.delete(key);
    }
    for (const item of before) this.#lostCursors.set(placeOf(item), contentOf(item));
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
    const unit = `${dataset}/${project}`;
    const before = change.before && headerSchema.parse(plain(change.before));
    const after = headerSchema.parse(plain(change.after));
    this.#checkHeader(partition, before, after);
    const cursors = changes.filter((other) => other !== change).flatMap(cursorChange);
    const { records, givenUp } = this.#passed(unit, before, after);
    for (const { key, sha256 } of givenUp) this.#givenUp.add(`${key} ${sha256}`);
    const was = before?.pending?.keys ?? [];
    if (was.length > 0 && after.pending === null) {
      this.touched.push({ dataset, project, sequence: before?.pending?.batch ?? 0, keys: was });
    }
    if (was.length > 0 && cursors.length > 0 && records.length === 0)
      this.violations.push(`${partition}: cursors moved over a dead batch`);
    const isNew = records.length === 0 && (cursors.length > 0 || (!before?.pending && after.pending));
    if (isNew && (after.batch ?? 0) < (this.#newest.get(unit) ?? 0))
      this.violations.push(`${partition}: went on while the table lacked commits of the lake`);
    const about = { dataset, project, at: this.#now(), lostFrom: Number.POSITIVE_INFINITY };
    if (records.length > 0) {
      this.#checkCursors(partition, records, cursors);
      const isRecovered = !before?.pending;
      for (const record of records) this.#noteRecord(record, { ...about, isRecovered }, cursors);
    } else if (cursors.length > 0) {
      this.commits.push({
        ...about,
        run: after.writtenBy,
        sequence: (after.batch ?? 0) + 0.5,
        isRecorded: false,
        isRecovered: false,
        objects: new Map(),
        moves: cursors.flatMap((cursor) => movesOf(cursor.before, cursor.after)),
      });
    }
  }

  #passed(unit: string, before: Header | undefined, { batch }: Header): Decided {
    if (before === undefined || batch === null) return { records: [], givenUp: [] };
    return decidedBetween(this.#objects, unit, before.batch ?? 0, batch);
  }

  /** A record that an update of a header passes is a commit, unless a restored table takes it in again. */
  #noteRecord(
    record: CommitRecord,
    about: Pick<Commit, 'dataset' | 'project' | 'at' | 'lostFrom' | 'isRecovered'>,
    changes: readonly CursorChange[],
  ): void {
    for (const key of differingObjects(this.#objects, record))
      this.violations.push(`${key} is not what the record of its commit says`);
    const unit = `${about.dataset}/${about.project}`;
    if (record.batch <= (this.#newest.get(unit) ?? 0)) return;
    this.#newest.set(unit, record.batch);
    const partition = `${about.dataset}#${about.project}`;
    const before = (id: string) =>
      about.isRecovered
        ? this.#lostCursors.get(`${partition} cursor#${id}`)
        : changes.find((change) => change.id === id)?.before;
    this.commits.push({
      ...about,
      run: record.run,
      sequence: record.batch,
      isRecorded: true,
      objects: new Map(record.objects.map(({ key }) => [key, this.#objects.get(key)])),
      moves: record.cursors.flatMap(({ id, content }) => movesOf(before(id), content ?? undefined)),
    });
  }

  /** Cursors become exactly what the records that are passed say: of each the last content. */
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
