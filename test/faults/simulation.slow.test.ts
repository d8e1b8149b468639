import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { historyOf, runSeeds } from './simulation/run-seeds.ts';
import { halfOfSeeds } from './simulation/seeds.ts';
import { simulate } from './simulation/simulate.ts';

/**
 * Runs random histories of the deployed collector and checks the promises after each. `npm run dst -- --seed N`
 * repeats a failed seed step by step.
 */
describe('a history', () => {
  test('with the same seed has the same steps and result', async () => {
    for (const seed of [1, 3, 14, 25]) {
      const first = await simulate(historyOf(seed), { traced: true });
      const second = await simulate(historyOf(seed), { traced: true });
      expect(first.trace.length).toBeGreaterThan(50);
      expect(second).toEqual(first);
    }
  });

  test('breaks no promise with random faults', { timeout: 10 * MINUTE }, async () => {
    const seeds = halfOfSeeds('first');
    const { failures, histories, rows } = await runSeeds(seeds);
    expect(failures).toEqual([]);
    expect(histories).toBe(seeds.length);
    expect(rows).toBeGreaterThan(100 * seeds.length);
  });
});
