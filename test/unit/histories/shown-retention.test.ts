import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { droppedOf, isKept, provenAge } from '../../../shared/histories/shown-retention.ts';
import { T } from '../../support/times.ts';

test('the oldest event of a response proves an age, and one from before its start does not', () => {
  const response = { start: T - 3 * DAY, now: T };
  expect(provenAge(0, [T - HOUR, T - 2 * DAY], response)).toBe(2 * DAY);
  expect(provenAge(0, [T - HOUR, T - 9 * DAY], response)).toBe(HOUR);
  expect(provenAge(5 * DAY, [T - HOUR], response)).toBe(5 * DAY);
  expect(provenAge(5 * DAY, [], response)).toBe(5 * DAY);
});

test('what is younger than a day or than a proven age is kept, with two minutes for clocks', () => {
  expect(isKept(T - DAY + 2 * MINUTE, 0, T)).toBe(true);
  expect(isKept(T - DAY, 0, T)).toBe(false);
  expect(isKept(T - 3 * DAY, 3 * DAY + 2 * MINUTE, T)).toBe(true);
  expect(isKept(T - 3 * DAY, 3 * DAY, T)).toBe(false);
});

test('a gap ends at the oldest event that is shown, or else with the window', () => {
  const window = { from: T, to: T + HOUR };
  expect(droppedOf(window, T, T + 10 * SECOND)).toMatchObject({ from: T, to: T + 10 * SECOND });
  expect(droppedOf(window, T + SECOND, null)).toMatchObject({ from: T + SECOND, to: T + HOUR });
  expect(droppedOf(window, T + SECOND, T + SECOND)).toBeNull();
});
