import { expect, test } from 'vitest';
import { parseInstant } from '../../../cli/times.ts';

test.each([
  ['a day', '2026-03-02', '2026-03-02T00:00:00.000Z'],
  ['a leap day', '2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['a time without a zone', '2026-03-02T12:30', '2026-03-02T12:30:00.000Z'],
  ['a time with seconds and no zone', '2026-03-02T12:30:01', '2026-03-02T12:30:01.000Z'],
  ['a time with a fraction', '2026-03-02T12:30:01.5Z', '2026-03-02T12:30:01.500Z'],
  ['a time with an offset', '2026-03-02T12:30:01+05:30', '2026-03-02T07:00:01.000Z'],
  ['a time with an offset and no seconds', '2026-03-02T12:30+05:30', '2026-03-02T07:00:00.000Z'],
])('%s is read: %s', (_, text, expected) => {
  expect(new Date(parseInstant('--at', text)).toISOString()).toBe(expected);
});

test.each([
  '2026-02-29',
  '2026-02-30',
  '2026-11-31T12:00:00Z',
  '2026-13-01',
  '2026-00-10',
  '2026-03-02T25:00:00Z',
  '2026-03-02T12:60Z',
  '2026-03-02T12:00:00+25:00',
  '2026-03-02 12:00:00Z',
  '2026-03-02Z',
  'yesterday',
  '',
])('%j is refused, because there is no such time', (text) => {
  expect(() => parseInstant('--at', text)).toThrow(/^--at ".*" is not an ISO 8601 time such as /);
});
