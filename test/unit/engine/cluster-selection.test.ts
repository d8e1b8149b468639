import { expect, test } from 'vitest';
import { clusterSelection, verdictOf } from '../../../shared/engine/cluster-selection.ts';

const PRODUCTION = [{ key: 'env', value: 'production' }];

test.each([
  [{}, null, 'selected'],
  [{ include: ['ord*'] }, null, 'selected'],
  [{ include: ['stock'] }, null, 'deselected'],
  [{ exclude: ['*'] }, null, 'deselected'],
  [{ include: ['orders'], exclude: ['orders'] }, null, 'deselected'],
  [{ includeTags: ['env=prod*'] }, PRODUCTION, 'selected'],
  [{ includeTags: ['env=prod*'] }, [], 'deselected'],
  [{ includeTags: ['env=prod*'] }, null, 'unknown'],
  // A name or a tag is enough.
  [{ include: ['orders'], includeTags: ['env=test'] }, null, 'selected'],
  [{ include: ['stock'], includeTags: ['env=prod*'] }, PRODUCTION, 'selected'],
  [{ excludeTags: ['env=*'] }, PRODUCTION, 'deselected'],
  [{ excludeTags: ['env=*'] }, [], 'selected'],
  [{ excludeTags: ['env=*'] }, null, 'unknown'],
  [{ include: ['stock'], excludeTags: ['env=*'] }, null, 'deselected'],
])('%j selects a cluster "orders" with the tags %j: %s', (selection, tags, verdict) => {
  expect(verdictOf(clusterSelection.parse(selection), 'orders', tags)).toBe(verdict);
});

test.each([[{ include: [''] }], [{ includeTags: ['env'] }], [{ exclude: 'orders' }], [{ only: ['orders'] }]])(
  '%j is refused',
  (selection) => {
    expect(clusterSelection.safeParse(selection).success).toBe(false);
  },
);
