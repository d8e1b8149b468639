import { expect, test } from 'vitest';
import { half } from './simulation/shares.ts';
import { tryHistories } from './simulation/trial.ts';

/** The other half of the histories of `simulation.slow.test.ts`, in a file of its own so that they take two cores. */
test('a history breaks no promise, whatever happens in it', { timeout: 600_000 }, async () => {
  const seeds = half('second');
  const { failures, histories } = await tryHistories(seeds);
  expect(failures).toEqual([]);
  expect(histories).toBe(seeds.length);
});
