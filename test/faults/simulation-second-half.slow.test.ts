import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { half } from './simulation/shares.ts';
import { tryHistories } from './simulation/trial.ts';

/** Runs the other half of the histories of `simulation.slow.test.ts`, in a second file to use two cores. */
test('a history with random faults breaks no promise', { timeout: 10 * MINUTE }, async () => {
  const seeds = half('second');
  const { failures, histories } = await tryHistories(seeds);
  expect(failures).toEqual([]);
  expect(histories).toBe(seeds.length);
});
