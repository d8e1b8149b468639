import { expect, test } from 'vitest';
import { monthName, monthState } from '../../../../cli/report/months.ts';

test.each([
  ['2026-03-02T12:00:00Z', '2026-03-01', '2026-02-01'],
  ['2026-03-10T23:59:59Z', '2026-03-01', '2026-02-01'],
  ['2026-03-11T00:00:00Z', '2026-03-01', '2026-03-01'],
  ['2026-01-05T00:00:00Z', '2026-01-01', '2025-12-01'],
])('costs that were read at %s are so far from %s, and not final from %s', (readAt, running, open) => {
  expect(monthState(Date.parse(readAt))).toBe(
    `CASE WHEN dt >= '${running}' THEN 'so far' WHEN dt >= '${open}' THEN 'not final' ELSE 'final' END`,
  );
});

test('a month that is not final is marked', () => {
  expect(['so far', 'not final', 'final'].map((state) => monthName('2026-03-01', state))).toEqual([
    '2026-03 so far',
    '2026-03 not final',
    '2026-03',
  ]);
});
