import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Header, headerSchema } from '../../../shared/cursors/header.ts';
import type { Changes, Item } from './aws/dynamodb.ts';

/** What became part of the lake at one instant, seen from outside: from what DynamoDB was told. */
export interface Commit {
  dataset: string;
  project: string;
  /** The run's id. */
  run: string;
  /** The sequence before and after. */
  sequence: number;
  at: number;
  /** Objects that are part of the lake from now on, and what was in them. */
  objects: ReadonlyMap<string, Buffer | undefined>;
  moves: readonly Move[];
}

/** How a target's mark moved with a commit. */
export interface Move {
  owner: string;
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

/** Watches the cursor table: which objects were committed, which marks moved, and whether the protocol was kept. */
export class Witness {
  readonly commits: Commit[] = [];
  /** Objects that were committed, or emptied because their run was dead. */
  readonly touched: Array<{ dataset: string; project: string; sequence: number; keys: readonly string[] }> =
    [];
  /** What may never happen, whatever comes of it. */
  readonly violations: string[] = [];
  readonly #objects: ReadonlyMap<string, Buffer>;
  readonly #now: () => number;
  /** Who announced what is pending, by partition. */
  readonly #announcers = new Map<string, string>();
  readonly #announced = new Set<string>();

  constructor(objects: ReadonlyMap<string, Buffer>, now: () => number) {
    this.#objects = objects;
    this.#now = now;
  }

  /** Every key of the lake that was committed, and its bytes at that time. */
  get committed(): ReadonlyMap<string, Buffer | undefined> {
    return new Map(this.commits.flatMap(({ objects }) => [...objects]));
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
    const before = change.before && headerOf(change.before);
    const after = headerOf(change.after);
    if (after.sequence !== (before?.sequence ?? 0) + 1) {
      this.violations.push(`${partition}: the sequence went from ${before?.sequence} to ${after.sequence}`);
    }
    const was = before?.pending ?? [];
    const cursors = changes.filter((other) => other !== change);
    if (was.length > 0 && after.pending.length > 0 && after.pending.join() !== was.join()) {
      this.violations.push(`${partition}: announced over a batch that is pending`);
    }
    if (was.length === 0 && after.pending.length > 0) {
      this.#announcers.set(partition, after.writtenBy);
      for (const key of after.pending) {
        if (this.#announced.has(key)) this.violations.push(`${key} is announced for the second time`);
        this.#announced.add(key);
      }
    }
    const completes =
      was.length > 0 && after.pending.length === 0 && this.#announcers.get(partition) === after.writtenBy;
    const [dataset = '', project = ''] = partition.split('#');
    if (was.length > 0 && after.pending.length === 0) {
      this.touched.push({ dataset, project, sequence: after.sequence, keys: was });
    }
    if (!completes && cursors.length === 0) return;
    if (was.length > 0 && !completes) this.violations.push(`${partition}: cursors moved over a dead batch`);
    this.commits.push({
      dataset,
      project,
      run: after.writtenBy,
      sequence: after.sequence,
      at: this.#now(),
      objects: new Map((completes ? was : []).map((key) => [key, this.#objects.get(key)])),
      moves: cursors.flatMap(({ before: old, after: item }) => movesOf(old, item)),
    });
  }
}

function headerOf(item: Item): Header {
  return headerSchema.parse(plain(item));
}

function movesOf(before: Item | undefined, after: Item | undefined): Move[] {
  if (after === undefined) return [];
  const old = before && cursorSchema.parse(plain(before)['content']);
  const marks = new Map(old?.targets.map(({ name, mark }) => [name, mark]));
  const { owner, targets, states } = cursorSchema.parse(plain(after)['content']);
  return targets.map(({ name, mark }) => ({ owner, name, from: marks.get(name), to: mark, states }));
}

/** The item's values; binary ones stay as they are on the wire. */
export function plain(item: Item): Record<string, unknown> {
  return unmarshall(JSON.parse(JSON.stringify(item)));
}
