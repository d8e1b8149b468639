import { describe, expect, test } from 'vitest';
import { simulate } from './simulation/simulate.ts';
import { historyOf, tryHistories } from './simulation/trial.ts';

/**
 * Random histories of the deployed collector: what was promised is checked after each. A seed that fails here is lived
 * through again, step by step, by `npm run simulate -- --seed N`.
 */

/** CI asks for 2,000; on a developer's machine some are enough to notice a slip. */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 100);
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('a history', () => {
  test('happens in the same way each time', async () => {
    for (const seed of [3, 14, 15]) {
      const first = await simulate(historyOf(seed), { traced: true });
      const second = await simulate(historyOf(seed), { traced: true });
      expect(first.trace.length).toBeGreaterThan(50);
      expect(second).toEqual(first);
    }
  });

  test('breaks no promise, whatever happens in it', { timeout: 600_000 }, async () => {
    const seeds = Array.from({ length: HISTORIES }, (_, index) => FIRST_SEED + index);
    const { failures, histories, rows } = await tryHistories(seeds);
    expect(failures).toEqual([]);
    expect(histories).toBe(HISTORIES);
    expect(rows).toBeGreaterThan(100 * HISTORIES);
  });
});
