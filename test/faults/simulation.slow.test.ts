import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { half } from './simulation/shares.ts';
import { simulate } from './simulation/simulate.ts';
import { historyOf, tryHistories } from './simulation/trial.ts';

/**
 * Runs random histories of the deployed collector and checks the promises after each. `npm run dst -- --seed N`
 * repeats a failed seed step by step.
 */
describe('a history', () => {
  test('has the same steps each time', async () => {
    for (const seed of [1, 3, 14, 25]) {
      const first = await simulate(historyOf(seed), { traced: true });
      const second = await simulate(historyOf(seed), { traced: true });
      expect(first.trace.length).toBeGreaterThan(50);
      expect(second).toEqual(first);
    }
  });

  test('breaks no promise with random faults', { timeout: 10 * MINUTE }, async () => {
    const seeds = half('first');
    const { failures, histories, rows } = await tryHistories(seeds);
    expect(failures).toEqual([]);
    expect(histories).toBe(seeds.length);
    expect(rows).toBeGreaterThan(100 * seeds.length);
  });
});
