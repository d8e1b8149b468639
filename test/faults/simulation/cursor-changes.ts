import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Document } from '../../../shared/cursors/document.ts';
import { documentFromJson } from '../../../shared/cursors/document-json.ts';
import type { Changes, Item } from './aws/dynamodb.ts';

/** The move of a target's watermark in a commit. */
export interface WatermarkMove {
  source: string;
  name: string;
  /** Undefined if the target was not known before. */
  from: number | undefined;
  to: number;
  /** The states that the dataset stored. */
  states: unknown;
}

/** The contents of a cursor item before and after. Undefined if there is no item. */
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

/** Returns an item's partition key and sort key. */
export function placeOf({ pk, sk }: Item): string {
  return `${String(pk?.['S'])} ${String(sk?.['S'])}`;
}

export function contentOf(item: Item | undefined): unknown {
  return item && plain(item)['content'];
}

/** Returns the change of a cursor, or nothing if a deletion found no item. */
export function cursorChange({ before, after }: Changes[number]): CursorChange[] {
  const id = String((after ?? before)?.['sk']?.['S']).replace(/^cursor#/, '');
  return before || after ? [{ id, before: contentOf(before), after: contentOf(after) }] : [];
}

export function watermarkMovesOf(before: unknown, after: unknown): WatermarkMove[] {
  // The item was deleted, or is a part of a state that is larger than an item.
  if (!cursorSchema.safeParse(after).success) return [];
  const old = before === undefined ? undefined : cursorSchema.parse(before);
  const marks = new Map(old?.targets.map(({ name, mark }) => [name, mark]));
  const { owner, targets, states } = cursorSchema.parse(after);
  return targets.map(({ name, mark }) => ({ source: owner, name, from: marks.get(name), to: mark, states }));
}

/** Returns an item's values. Binary values stay in base64. */
export function plain(item: Item): Record<string, unknown> {
  return unmarshall(JSON.parse(JSON.stringify(item)));
}

/** Returns the content of a cursor, as the collector reads it. */
export function documentOf(item: Item): Document {
  const content = JSON.stringify(item['content'], (_, value) =>
    typeof value?.B === 'string' ? { L: [{ S: '$bytes' }, { S: value.B }] } : value,
  );
  return documentFromJson(JSON.stringify(unmarshall({ content: JSON.parse(content) })['content']));
}
