import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Changes, Item } from './aws/dynamodb.ts';

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

/** Contents of a cursor item; undefined where there is none. */
export interface CursorChange {
  id: string;
  before: unknown;
  after: unknown;
}

const cursorSchema = z.object({
  owner: z.string(),
  targets: z.array(z.object({ name: z.string(), mark: z.number() })),
  states: z.unknown(),
});

/** Of the item: its partition and place there. */
export function placeOf({ pk, sk }: Item): string {
  return `${String(pk?.['S'])} ${String(sk?.['S'])}`;
}

export function contentOf(item: Item | undefined): unknown {
  return item && plain(item)['content'];
}

/** None for the deletion of what was not there. */
export function cursorChange({ before, after }: Changes[number]): CursorChange[] {
  const id = String((after ?? before)?.['sk']?.['S']).replace(/^cursor#/, '');
  return before || after ? [{ id, before: contentOf(before), after: contentOf(after) }] : [];
}

export function movesOf(before: unknown, after: unknown): Move[] {
  // Deleted, or a part of a state that is larger than an item.
  if (!cursorSchema.safeParse(after).success) return [];
  const old = before === undefined ? undefined : cursorSchema.parse(before);
  const marks = new Map(old?.targets.map(({ name, mark }) => [name, mark]));
  const { owner, targets, states } = cursorSchema.parse(after);
  return targets.map(({ name, mark }) => ({ source: owner, name, from: marks.get(name), to: mark, states }));
}

/** The item's values; binary ones stay as they are on the wire. */
export function plain(item: Item): Record<string, unknown> {
  return unmarshall(JSON.parse(JSON.stringify(item)));
}
