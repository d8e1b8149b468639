import { describe, expect, test } from 'vitest';
import { half } from './simulation/shares.ts';
import { simulate } from './simulation/simulate.ts';
import { historyOf, tryHistories } from './simulation/trial.ts';

/**
 * Random histories of the deployed collector: what was promised is checked after each. A seed that fails here is lived
 * through again, step by step, by `npm run dst -- --seed N`.
 */
describe('a history', () => {
  test('happens in the same way each time', async () => {
    for (const seed of [1, 3, 14, 25]) {
      const first = await simulate(historyOf(seed), { traced: true });
      const second = await simulate(historyOf(seed), { traced: true });
      expect(first.trace.length).toBeGreaterThan(50);
      expect(second).toEqual(first);
    }
  });

  test('breaks no promise, whatever happens in it', { timeout: 600_000 }, async () => {
    const seeds = half('first');
    const { failures, histories, rows } = await tryHistories(seeds);
    expect(failures).toEqual([]);
    expect(histories).toBe(seeds.length);
    expect(rows).toBeGreaterThan(100 * seeds.length);
  });
});
