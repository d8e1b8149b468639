import { expect, test } from 'vitest';
import { openParts, without } from '../../../../shared/engine/backfill/recorded-gaps.ts';

test.each([
  [
    'the middle',
    { from: 4, to: 6 },
    [
      { from: 0, to: 4 },
      { from: 6, to: 10 },
    ],
  ],
  ['the start', { from: -1, to: 3 }, [{ from: 3, to: 10 }]],
  ['the end', { from: 8, to: 12 }, [{ from: 0, to: 8 }]],
  ['everything', { from: 0, to: 10 }, []],
  ['nothing', { from: 10, to: 12 }, [{ from: 0, to: 10 }]],
])('without %s, a period has the rest', (_, covered, rest) => {
  expect(without([{ from: 0, to: 10 }], covered)).toEqual(rest);
});

test('the open parts of a gap are those of its target within the period', () => {
  const [whole, reason] = [{ from: 0, to: 100 }, 'lost'];
  const gaps = [
    {
      target: 'a',
      whole,
      reason,
      open: [
        { from: 0, to: 20 },
        { from: 50, to: 100 },
      ],
    },
    { target: 'b', whole, reason, open: [whole] },
  ];
  expect(openParts(gaps, 'a', { from: 10, to: 60 })).toEqual([
    { from: 10, to: 20, gap: whole },
    { from: 50, to: 60, gap: whole },
  ]);
});
