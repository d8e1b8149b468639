import { describe, expect, test } from 'vitest';
import {
  type Cursor,
  cursorBounds,
  decodeCursors,
  encodeCursor,
  newCursor,
} from '../../../shared/collection/cursor.ts';
import type { TypedCollector } from '../../../shared/collection/dataset.ts';
import { applyListing } from '../../../shared/collection/listing.ts';

interface State {
  mark: number;
  note: string;
}

/** A collector as far as cursors need one. */
function collectorOf(size: number): TypedCollector<State> {
  const unused = () => {
    throw new Error('not needed here');
  };
  return {
    listOwners: unused,
    listTargets: unused,
    firstState: unused,
    nextStep: unused,
    encode: (states) => [...states].map(([name, { note }]) => ({ name, note })),
    decode(stored, marks) {
      if (!Array.isArray(stored)) throw new Error('not a list');
      return new Map(stored.map(({ name, note }) => [name, { mark: marks.get(name) ?? 0, note }]));
    },
    sizeBound: () => size,
  };
}

function cursorOf(targets: number): Cursor<State> {
  const cursor = newCursor<State>('host:27017', { cluster_name: 'c' });
  const names = Array.from({ length: targets }, (_, index) => `db${index}`);
  applyListing(cursor, names, 1000, (name) => ({ mark: names.indexOf(name), note: `of ${name}` }));
  return cursor;
}

const items = (collector: TypedCollector<State>, cursor: Cursor<State>) =>
  encodeCursor(collector, cursor).flatMap(({ id, content }) => (content === null ? [] : [{ id, content }]));

describe('a cursor', () => {
  test('is one item, and comes back as it was', () => {
    const collector = collectorOf(100);
    const cursor = cursorOf(200);
    const stored = items(collector, cursor);
    expect(stored.map(({ id }) => id)).toEqual(['host:27017#0']);
    expect(decodeCursors(collector, stored).get('host:27017')).toEqual({
      ...cursor,
      targets: cursor.targets,
      storedItems: ['host:27017#0'],
    });
  });

  test('of more than 200 targets is split, and comes back whole', () => {
    const collector = collectorOf(100);
    const cursor = cursorOf(401);
    const stored = items(collector, cursor);
    expect(stored).toHaveLength(3);
    expect(decodeCursors(collector, stored).get('host:27017')?.targets.size).toBe(401);
    expect(cursorBounds(collector, cursor).items).toBe(3);
  });

  test('is split earlier where its states could outgrow an item', () => {
    const stored = items(collectorOf(100_000), cursorOf(10));
    expect(stored).toHaveLength(4);
  });

  test('deletes items that it needs no more', () => {
    const collector = collectorOf(100);
    const cursor = cursorOf(300);
    cursor.storedItems = encodeCursor(collector, cursor).map(({ id }) => id);
    for (let index = 100; index < 300; index += 1) cursor.targets.delete(`db${index}`);
    expect(encodeCursor(collector, cursor).map(({ id, content }) => [id, content === null])).toEqual([
      ['host:27017#0', false],
      ['host:27017#1', true],
    ]);
    cursor.forgotten = true;
    expect(encodeCursor(collector, cursor).every(({ content }) => content === null)).toBe(true);
  });
});
