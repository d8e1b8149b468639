import { gzipSync } from 'node:zlib';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { decodeHistories, encodeHistories } from '../../../functions/access-logs/state.ts';
import {
  decodeStates as decodeAlerts,
  encodeStates as encodeAlerts,
} from '../../../functions/alerts/state.ts';
import { decodeCosts, encodeCosts } from '../../../functions/cost-usage/state.ts';
import { datasets } from '../../../functions/datasets.ts';
import {
  decodeStates as decodeInventory,
  encodeStates as encodeInventory,
} from '../../../functions/inventory/state.ts';
import {
  decodeStates as decodeRankedNamespaces,
  encodeStates as encodeRankedNamespaces,
} from '../../../functions/ranked-namespaces/state.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import { T } from '../../support/times.ts';

const watermarks = new Map([[SELF, T]]);

const list = {
  snapshot_at: T,
  unavailable_on: null,
  fields: ['a'],
  resources: [['r', 'name', 'ff', 'abcd', null]],
};
const none = new Uint8Array(0);

/** States stored before 0.1.0 for a target without a name. DynamoDB rejects three of them as items. */
const FIRST: { dataset: string; stored: Document; reencode(version: number, stored: Document): Document }[] =
  [
    {
      dataset: 'ranked_namespaces',
      stored: { '': { unavailable_on: null, empty: [[T, T, T]] } },
      reencode: (version, stored) =>
        encodeRankedNamespaces(decodeRankedNamespaces(stored, watermarks, version)),
    },
    {
      dataset: 'inventory',
      stored: { '': gzipSync(JSON.stringify(list)) },
      reencode: (version, stored) => encodeInventory(decodeInventory(stored, watermarks, version, 'cluster')),
    },
    {
      dataset: 'cost_usage',
      stored: { '': { from: T, unavailable_on: null, amounts: { [`${T}/Clusters`]: 1.5 } } },
      reencode: (version, stored) => encodeCosts(decodeCosts(stored, watermarks, version)),
    },
    {
      dataset: 'access_logs',
      stored: [
        {
          name: '',
          begun: true,
          unavailable_on: null,
          span: MINUTE,
          overlap: { from: T, hashes: none, counts: none },
        },
      ],
      reencode: (_version, stored) => encodeHistories(decodeHistories(stored, watermarks)),
    },
    {
      dataset: 'alerts',
      stored: [{ target: '', alerts: none, configurations: none, forgotten_to: T }],
      reencode: (_version, stored) => encodeAlerts(decodeAlerts(stored, watermarks)),
    },
  ];

describe.each(FIRST)('the state of $dataset from before 0.1.0', ({ dataset, stored, reencode }) => {
  const version = datasets
    .find(({ name }) => name === dataset)
    ?.withCodec({ settle: 0, backfill: 0, namespaces: 1, overlap: 0 }, ({ stateVersion }) => stateVersion);

  test('is read, and stored in the present form without an empty name', () => {
    const now = reencode(1, stored);
    expect(JSON.stringify(now)).toContain(SELF);
    expect(emptyNames(marshall({ now }))).toEqual([]);
    expect(version).toBeGreaterThan(1);
    expect(reencode(version ?? 0, now)).toEqual(now);
  });

  test('keeps what it knew', () => {
    const known = JSON.stringify(reencode(1, stored));
    const nothing = JSON.stringify(reencode(1, Array.isArray(stored) ? [] : {}));
    expect(known.length).toBeGreaterThan(nothing.length + 20);
  });
});

/** Returns the paths of empty names at any depth of a serialized item. */
function emptyNames(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === '' ? [path] : []),
    ...emptyNames(inner, `${path}.${name}`),
  ]);
}
