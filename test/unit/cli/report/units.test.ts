import { expect, test } from 'vitest';
import { humanValue, type Unit } from '../../../../cli/report/units.ts';

test.each<[string | number | boolean | null, Unit, string]>([
  [null, 'bytes', '–'],
  [0, 'bytes', '0 B'],
  [999, 'bytes', '999 B'],
  [34_224_437_451.4, 'bytes', '34.2 GB'],
  [-481_100_000, 'bytes', '-481.1 MB'],
  [2e18, 'bytes', '2,000 PB'],
  [1_234.5, 'dollars', '$1,234.50'],
  [-0.126, 'dollars', '-$0.13'],
  [812, 'dollars', '$812'],
  [79.684977, 'percent', '79.7 %'],
  [50.424, 'days', '50 d'],
  [2.5, 'days', '2 d 12 h'],
  [0, 'seconds', '0 s'],
  [0.4, 'seconds', '0 s'],
  [59.6, 'seconds', '1 min'],
  [600, 'seconds', '10 min'],
  [93_784, 'seconds', '1 d 2 h'],
  [3, 'movement', '↑ 3'],
  [-2, 'movement', '↓ 2'],
  [0, 'movement', '='],
  [1_234_567.89, 'count', '1,234,568'],
  [2.8333, 'count', '2.83'],
  ['2026-03-02 12:34:56.789', 'time', '2026-03-02 12:34'],
  ['2026-03-02', 'day', '2026-03-02'],
  [true, 'text', 'true'],
])('formats %j in %s as %s', (value, unit, text) => {
  expect(humanValue(value, unit)).toBe(text);
});
