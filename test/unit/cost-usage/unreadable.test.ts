import { describe, expect, it } from 'vitest';
import { mergeUsage, type OpenMonths } from '../../../functions/cost-usage/months.ts';
import type { CostUsage } from '../../../shared/atlas/api.ts';

const MARCH = Date.UTC(2026, 2, 1);
const NOW = Date.UTC(2026, 2, 15);

const known: OpenMonths = {
  from: MARCH,
  amounts: new Map([
    [`${MARCH}/Backup`, 10],
    [`${MARCH}/Clusters`, 100],
  ]),
};

const line = (service: string, usageAmount: number) => ({ service, usageDate: MARCH, usageAmount });

function take(usage: Partial<CostUsage>) {
  const { changes, open } = mergeUsage(
    known,
    { details: [], unreadable: [], hasUnknown: false, ...usage },
    NOW,
  );
  return { changes: changes.map(({ service, change }) => [service, change]), amounts: [...open.amounts] };
}

describe('a response with a line that cannot be read', () => {
  it('keeps the amount when the line shows which one it belongs to', () => {
    const unreadable = [{ service: 'Backup', usageDate: MARCH }];
    expect(take({ details: [line('Clusters', 110), line('Backup', 3)], unreadable })).toEqual({
      changes: [['Clusters', 10]],
      amounts: [
        [`${MARCH}/Clusters`, 110],
        [`${MARCH}/Backup`, 10],
      ],
    });
  });

  it('lets no amount shrink when the line does not show which one it belongs to', () => {
    const { changes } = take({ details: [line('Clusters', 90), line('Support', 5)], hasUnknown: true });
    expect(changes).toEqual([['Support', 5]]);
  });

  it('writes nothing for an amount that was not known before', () => {
    const unreadable = [{ service: 'Support', usageDate: MARCH }];
    const details = [line('Clusters', 100), line('Backup', 10), line('Support', 1)];
    expect(take({ details, unreadable }).changes).toEqual([]);
  });

  it.each<[string, Partial<CostUsage>]>([
    ['of a known amount', { unreadable: [{ service: 'Backup', usageDate: MARCH }] }],
    ['of an unknown amount', { hasUnknown: true }],
  ])('closes no month for a year while a line %s cannot be read', (_, usage) => {
    const openAt = (now: number, more: Partial<CostUsage>) =>
      mergeUsage(known, { details: [], unreadable: [], hasUnknown: false, ...more }, now).open.from;
    const closing = Date.UTC(2026, 3, 11);
    expect(openAt(closing, usage)).toBe(MARCH);
    expect(openAt(closing, {})).toBe(Date.UTC(2026, 3, 1));
    expect(openAt(Date.UTC(2027, 2, 31), usage)).toBe(MARCH);
    expect(openAt(Date.UTC(2027, 3, 1), usage)).toBe(Date.UTC(2026, 3, 1));
  });

  it('ends a missing amount once all lines can be read', () => {
    expect(take({ details: [line('Clusters', 100)] }).changes).toEqual([['Backup', -10]]);
  });
});
