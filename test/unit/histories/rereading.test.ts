import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { lookbackBehind } from '../../../shared/histories/lookback.ts';
import { historyRereading } from '../../../shared/histories/rereading.ts';
import { newHistory } from '../../../shared/histories/state.ts';
import { inPass } from '../../../shared/histories/windows.ts';
import { T } from '../../support/times.ts';

/** Returns a target that runs with an overlap have read up to an instant. */
function readWith(overlap: number) {
  const { lookback } = lookbackBehind(T, new Map([['00'.repeat(8), T - SECOND]]), T - overlap);
  return { ...newHistory(T), begun: true, lookback };
}

test.each([
  ['a longer', 4 * HOUR],
  ['the same', 2 * HOUR],
  ['a shorter', 10 * MINUTE],
])('a backfill reads no entry that runs read again, if they have %s overlap than before', (_, overlap) => {
  const state = readWith(2 * HOUR);
  const { readTo } = historyRereading(['hostname']);
  expect(readTo(state)).toBeLessThanOrEqual(inPass(state, T + HOUR, overlap).pass.from);
  expect(readTo(state)).toBe(T - 2 * HOUR);
});

test('a target that was never read is left to the runs', () => {
  expect(historyRereading([]).readTo(newHistory(T))).toBe(T);
});
