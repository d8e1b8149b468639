import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../shared/config.ts';
import { clusterSelection, unreadRemark, verdictOf } from '../../../shared/engine/cluster-selection.ts';

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
  // Case counts, in names and in tags.
  [{ include: ['Orders'] }, null, 'deselected'],
  [{ includeTags: ['ENV=production'] }, PRODUCTION, 'deselected'],
  // Only the asterisk is a wildcard.
  [{ include: ['order.'] }, null, 'deselected'],
  [{ include: ['order?'] }, null, 'deselected'],
  // A wildcard of a key does not reach into the value.
  [{ includeTags: ['*v=*'] }, [{ key: 'lake', value: 'v=1' }], 'deselected'],
  [{ includeTags: ['lake=v=*'] }, [{ key: 'lake', value: 'v=1' }], 'selected'],
  [{ includeTags: ['lake='] }, [{ key: 'lake', value: '' }], 'selected'],
  [{ includeTags: ['lake='] }, [{ key: 'lake', value: 'on' }], 'deselected'],
  [{ includeTags: ['gr\u00f6\u00dfe=*'] }, [{ key: 'gro\u0308\u00dfe', value: 'L' }], 'selected'],
])('%j selects a cluster "orders" with the tags %j: %s', (selection, tags, verdict) => {
  expect(verdictOf(clusterSelection.parse(selection), 'orders', tags)).toBe(verdict);
});

test.each([
  [{ include: [''] }, /^clusters\.include\.0: expected a name of a cluster/],
  [{ includeTags: ['env'] }, /clusters\.includeTags\.0.*expected a tag such as env=production/],
  [{ excludeTags: ['=x'] }, /clusters\.excludeTags\.0.*expected a tag/],
  [{ exclude: 'orders' }, /clusters\.exclude/],
  [{ only: ['orders'] }, /clusters.*only/],
])('%j is refused in one line that names the field', (clusters, message) => {
  expect(() => parseConfig({ clusters }, [])).toThrow(message);
  expect(() => parseConfig({ clusters }, [])).not.toThrow(/\n/);
});

describe('the reason of a gap', () => {
  const [from, to] = ['2026-03-02T10:00:00.000Z', '2026-03-02T12:00:00.000Z'];
  const cursor = { attributes: { unselected_from: from, unselected_to: to } };
  const at = (hour: number) => Date.UTC(2026, 2, 2, hour);

  test.each([
    [9, 11],
    [11, 13],
    [10, 12],
    [1, 20],
  ])('says that the cluster was not selected, for a gap from %i to %i h', (start, end) => {
    const remark = ` (its cluster was not always selected between ${from} and ${to})`;
    expect(unreadRemark(cursor, { from: at(start), to: at(end) })).toBe(remark);
  });

  test.each([
    [8, 10],
    [12, 13],
  ])('does not say so for a gap from %i to %i h, outside that time', (start, end) => {
    expect(unreadRemark(cursor, { from: at(start), to: at(end) })).toBe('');
  });

  test('does not say so if the cluster was always selected', () => {
    expect(unreadRemark({ attributes: {} }, { from: at(8), to: at(20) })).toBe('');
  });
});
