import { describe, expect, test } from 'vitest';
import { columnsThatFit, plainTable } from '../../../cli/plain-table.ts';

const HEAD = ['name', 'at', 'rows'];
const ROWS = [
  ['a name that is longer than its column', '2026-03-02 12:00Z', 1234],
  ['short', '2026-03-02 12:05Z', 7],
];

describe('a table', () => {
  test('shows everything if there is no terminal', () => {
    expect(plainTable(HEAD, ROWS)).toBe(
      [
        'name                                   at                  rows',
        'a name that is longer than its column  2026-03-02 12:00Z  1,234',
        'short                                  2026-03-02 12:05Z      7',
      ].join('\n'),
    );
  });

  test('shortens texts in a narrow terminal, but no numbers and times', () => {
    expect(plainTable(HEAD, ROWS, 40)).toBe(
      [
        'name            at                  rows',
        'a name that i…  2026-03-02 12:00Z  1,234',
        'short           2026-03-02 12:05Z      7',
      ].join('\n'),
    );
  });

  test('shortens times before it becomes too wide', () => {
    const lines = plainTable(HEAD, ROWS, 28).split('\n');
    expect(lines.map((line) => line.length)).toEqual([28, 28, 28]);
  });
});

test.each([
  [Number.POSITIVE_INFINITY, 3],
  [34, 3],
  [33, 2],
  [20, 1],
  [1, 1],
])('in a width of %i, %i columns fit', (width, columns) => {
  expect(columnsThatFit(HEAD, ROWS, width)).toBe(columns);
});
