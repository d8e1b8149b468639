import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import type { Known } from '../../../functions/inventory/changes.ts';
import {
  fitted,
  type InventoryState,
  inventoryCodec,
  inventorySize,
  newList,
} from '../../../functions/inventory/state.ts';
import { addTargets, newCursor } from '../../../shared/engine/cursor.ts';
import { changesBound, decodeCursors, encodeItem, itemBound } from '../../../shared/engine/cursor-codec.ts';
import { SELF } from '../../../shared/engine/dataset.ts';

const hex = (text: string, digits: number) =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/** Returns users as Atlas lists them, with hashes of eight fields. */
function users(count: number): Map<string, Known> {
  return new Map(
    Array.from({ length: count }, (_, number) => {
      const fields = Array.from(
        { length: 8 },
        (_, field) => [`field${field}`, hex(`${number}/${field}`, 4)] as const,
      );
      const name = `first.last.${number}@example.com`;
      return [
        hex(`id ${number}`, 24),
        { name, hash: hex(name, 16), fields: new Map(fields), missingSince: null },
      ];
    }),
  );
}

describe.each([
  [4_000, 8, true],
  [30_000, 8, true],
  [100_000, 0, false],
])('a list of %i users', (count, fields, hasNames) => {
  const kept = fitted(users(count));

  test('is remembered with as much of each user as fits', () => {
    expect(kept?.resources.size).toBe(count);
    const [first] = kept?.resources.values() ?? [];
    expect(first?.fields.size).toBe(fields);
    expect(first?.name !== null).toBe(hasNames);
    expect(first?.hash).toMatch(/^[0-9a-f]{16}$/);
  });

  test('fits into items of one DynamoDB transaction, and is decoded completely', () => {
    if (kept === null) throw new Error('the list does not fit');
    const state = { ...newList(0), ...kept };
    const cursor = newCursor<InventoryState>('project_user', {});
    addTargets(cursor, [[SELF, state]], 1);
    const items = encodeItem(inventoryCodec, cursor, 0);
    const bytes = items.map(({ content }) => JSON.stringify(marshall({ content })).length);
    expect(items.length).toBeLessThanOrEqual(changesBound(cursor, 0, itemBound(inventoryCodec, cursor, 0)));
    // Bytes are written as numbers there, with at most five characters each.
    expect(Math.max(...bytes)).toBeLessThan(6 * 400_000);
    expect(inventorySize(state)).toBeLessThan(3_000_000);
    const stored = items.flatMap(({ id, content }) => (content === null ? [] : [{ id, content }]));
    const back = decodeCursors(inventoryCodec, stored).get('project_user');
    expect(back?.targets.get(SELF)?.state).toMatchObject({ snapshotAt: null });
    expect(back?.parts).toEqual(cursor.parts);
  });
});
