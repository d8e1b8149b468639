import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { NewerStateError } from '../../../shared/cursors/versions.ts';
import { type Cursor, itemsOf, newCursor } from '../../../shared/engine/cursor.ts';
import {
  changesBound,
  decodeCursors,
  encodeItem,
  ITEM_VERSION,
  itemBound,
  targetsPerItem,
} from '../../../shared/engine/cursor-codec.ts';
import { SELF, type StateCodec } from '../../../shared/engine/dataset.ts';
import { applyListing } from '../../../shared/engine/listing.ts';

interface State {
  watermark: number;
  note: string;
}

function codecOf(size: number): StateCodec<State> {
  return {
    stateVersion: 1,
    encode: (states) => [...states].map(([name, { note }]) => ({ name, note })),
    decode(stored, watermarks) {
      if (!Array.isArray(stored)) throw new Error('not a list');
      return new Map(stored.map(({ name, note }) => [name, { watermark: watermarks.get(name) ?? 0, note }]));
    },
    sizeBound: () => size,
  };
}

function cursorOf(targets: number, perItem: number): Cursor<State> {
  const cursor = newCursor<State>('host:27017', { cluster_name: 'c' });
  list(cursor, 0, targets, perItem);
  return cursor;
}

function list(cursor: Cursor<State>, from: number, to: number, perItem: number): void {
  const names = Array.from({ length: to - from }, (_, index) => `db${from + index}`);
  const first = () => ({ watermark: 0, note: '' });
  applyListing(cursor, wholeListing([...cursor.targets.keys(), ...names]), 1000, first, perItem);
  for (const [watermark, name] of names.entries()) {
    const target = cursor.targets.get(name);
    if (target) target.state = { watermark, note: `of ${name}` };
  }
}

const stored = (codec: StateCodec<State>, cursor: Cursor<State>) =>
  itemsOf(cursor).flatMap((item) => encodeItem(codec, cursor, item));

/** Returns the state and the item of each target. */
function placesOf(cursor: Cursor<State> | undefined) {
  return new Map([...(cursor?.targets ?? [])].map(([name, { state, item }]) => [name, { state, item }]));
}

const kept = (items: ReturnType<typeof stored>) =>
  items.flatMap(({ id, content }) => (content === null ? [] : [{ id, content }]));

describe('a cursor', () => {
  test('is stored as one item, and decoded as it was', () => {
    const codec = codecOf(100);
    const cursor = cursorOf(200, 200);
    const items = kept(stored(codec, cursor));
    expect(items.map(({ id }) => id)).toEqual(['host:27017#0']);
    expect(decodeCursors(codec, items).get('host:27017')).toEqual(cursor);
  });

  test('of many targets is stored as several items, and decoded completely', () => {
    const codec = codecOf(100);
    const cursor = cursorOf(401, 200);
    const items = kept(stored(codec, cursor));
    expect(items.map(({ id }) => id)).toEqual(['host:27017#0', 'host:27017#1', 'host:27017#2']);
    expect(decodeCursors(codec, items).get('host:27017')).toEqual(cursor);
  });

  test('keeps every target in its item, and fills places that became free', () => {
    const cursor = cursorOf(5, 2);
    const before = new Map([...cursor.targets].map(([name, { item }]) => [name, item]));
    expect([...before.values()]).toEqual([0, 0, 1, 1, 2]);
    cursor.targets.delete('db1');
    list(cursor, 10, 13, 2);
    for (const [name, item] of before) {
      if (name !== 'db1') expect(cursor.targets.get(name)?.item).toBe(item);
    }
    expect(['db10', 'db11', 'db12'].map((name) => cursor.targets.get(name)?.item)).toEqual([0, 2, 3]);
    const codec = codecOf(100);
    const decoded = decodeCursors(codec, kept(stored(codec, cursor))).get('host:27017');
    expect(placesOf(decoded)).toEqual(placesOf(cursor));
  });

  test('deletes items that it no longer needs', () => {
    const codec = codecOf(100);
    const cursor = cursorOf(4, 2);
    for (const name of ['db2', 'db3']) cursor.targets.delete(name);
    expect(stored(codec, cursor).map(({ content }) => content === null)).toEqual([false, true]);
  });

  test('has the listing time of its oldest item, because a run may have stopped between two items', () => {
    const codec = codecOf(100);
    const cursor = cursorOf(4, 2);
    const [first] = kept(stored(codec, cursor));
    cursor.listingAt = 5000;
    const [, second] = kept(stored(codec, cursor));
    if (!first || !second) throw new Error('two items');
    expect(decodeCursors(codec, [first, second]).get('host:27017')?.listingAt).toBe(1000);
    expect(decodeCursors(codec, [second, first]).get('host:27017')?.listingAt).toBe(1000);
  });

  test('puts no more into an item than the largest states allow', () => {
    expect(targetsPerItem(codecOf(1))).toBe(1);
    const largest = 23_000;
    const perItem = targetsPerItem({ ...codecOf(1), largestState: largest });
    expect(perItem).toBeGreaterThan(10);
    const cursor = newCursor<State>('h'.repeat(300), {});
    const names = Array.from({ length: perItem }, (_, index) => String(index).padStart(300, 'x'));
    applyListing(cursor, wholeListing(names), 1000, () => ({ watermark: 0, note: '' }), perItem);
    expect(itemsOf(cursor)).toEqual([0]);
    expect(itemBound(codecOf(largest), cursor, 0)).toBeLessThanOrEqual(350_000);
  });
});

describe('a state that is larger than an item', () => {
  const SIZE = 1_000_000;
  const codec: StateCodec<State> = {
    ...codecOf(SIZE),
    encode: (states) =>
      [...states].map(([name, { note }]) => ({
        name,
        note,
        bytes: randomBytes(note === 'small' ? 10 : SIZE),
      })),
    sizeBound: ({ note }) => (note === 'small' ? 100 : SIZE),
  };
  const large = () => {
    const cursor = newCursor<State>('host:27017', {});
    applyListing(cursor, wholeListing(['a']), 1000, () => ({ watermark: 5, note: 'large' }), 1);
    return cursor;
  };

  test('is stored in parts beside its item, none larger than an item, and decoded completely', () => {
    const cursor = large();
    const items = kept(encodeItem(codec, cursor, 0));
    expect(items.map(({ id }) => id)).toEqual([
      'host:27017#0',
      ...[0, 1, 2].map((part) => `host:27017#0/${part}`),
    ]);
    for (const { content } of items) {
      expect(content instanceof Uint8Array ? content.length : 0).toBeLessThanOrEqual(350_000);
    }
    expect(items.length).toBeLessThanOrEqual(changesBound(cursor, 0, itemBound(codec, cursor, 0)));
    expect(decodeCursors(codec, items).get('host:27017')).toEqual(cursor);
  });

  test('deletes its parts when it has become small', () => {
    const cursor = large();
    encodeItem(codec, cursor, 0);
    const target = cursor.targets.get('a');
    if (target) target.state = { watermark: 6, note: 'small' };
    expect(changesBound(cursor, 0, itemBound(codec, cursor, 0))).toBe(4);
    const changes = encodeItem(codec, cursor, 0);
    expect(changes.map(({ content }) => content === null)).toEqual([false, true, true, true]);
    expect(decodeCursors(codec, kept(changes)).get('host:27017')).toEqual(cursor);
  });

  test('is an error when a part of it is missing', () => {
    const items = kept(encodeItem(codec, large(), 0)).slice(0, -1);
    expect(() => decodeCursors(codec, items)).toThrow('lacks part 2');
  });
});

describe('an item of another version', () => {
  const item = (change: object) => {
    const [first] = kept(encodeItem(codecOf(1), cursorOf(1, 1), 0));
    return { id: first?.id ?? '', content: { ...Object(first?.content), ...change } };
  };

  test.each([{ version: ITEM_VERSION + 1 }, { state_version: 2 }])(
    'is refused when it is newer: %j',
    (newer) => {
      expect(() => decodeCursors(codecOf(1), [item(newer)])).toThrow(NewerStateError);
    },
  );

  test('is refused when it has an unknown field', () => {
    expect(() => decodeCursors(codecOf(1), [item({ surprise: 1 })])).toThrow('surprise');
  });

  test('is read when it is older, without versions and with an empty name for the source itself', () => {
    const codec = { ...codecOf(1), stateVersion: 3 };
    const seen: number[] = [];
    codec.decode = (_stored, watermarks, version) => {
      seen.push(version);
      return new Map([...watermarks].map(([name, watermark]) => [name, { watermark, note: '' }]));
    };
    const content = {
      owner: 'project',
      attributes: {},
      listing_at: null,
      targets: [{ name: '', mark: 7, listed: true, missing_since: null, missing_days: 0, missing_day: null }],
      states: null,
    };
    const cursor = decodeCursors(codec, [{ id: 'project#0', content }]).get('project');
    expect([...(cursor?.targets ?? [])].map(([name, { state }]) => [name, state.watermark])).toEqual([
      [SELF, 7],
    ]);
    expect(seen).toEqual([1]);
  });
});
