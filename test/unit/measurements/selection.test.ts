import { expect, test } from 'vitest';
import { isSelected, selection } from '../../../shared/measurements/selection.ts';

test.each([
  ['*', 'CONNECTIONS', true],
  ['CONNECTIONS', 'CONNECTIONS', true],
  ['CONNECTIONS', 'CONNECTIONS_MAX', false],
  ['CONNECTIONS', 'MAX_CONNECTIONS', false],
  ['*CPU*', 'MAX_PROCESS_CPU_USER', true],
  ['*_CPU_USER', 'PROCESS_CPU_USER', true],
  ['*_CPU_USER', 'PROCESS_CPU_USERS', false],
  ['MAX_*_USER', 'MAX_CPU_USER', true],
  ['MAX_*_USER', 'MAX_USER', false],
  ['A*A', 'A', false],
  ['A*B*B', 'A_B', false],
  ['**', '', true],
  ['', 'CONNECTIONS', false],
])('the pattern %s selects %s: %s', (pattern, name, isMatch) => {
  expect(isSelected([pattern], name)).toBe(isMatch);
});

test('a pattern with many wildcards takes linear time', () => {
  const start = performance.now();
  expect(isSelected([`${'*A'.repeat(49)}*B`], 'A'.repeat(100_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(200);
});

const schema = selection([{ name: 'CONNECTIONS' }, { name: 'MEMORY_RESIDENT' }]);

test.each([
  [['CONECTIONS'], 'CONECTIONS matches no measurement; docs/data-dictionary.md lists them'],
  [['*', 'CPU*'], 'CPU* matches no measurement; docs/data-dictionary.md lists them'],
  [['connections'], 'expected a name such as CONNECTIONS or *_CPU_*'],
  [[], 'expected at least one pattern'],
])('the patterns %j are refused', (patterns, message) => {
  expect(schema.safeParse(patterns).error?.issues[0]?.message).toBe(message);
});

test('every measurement is selected by default', () => {
  expect(schema.parse(undefined)).toEqual(['*']);
});
