import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { runSeeds } from './simulation/run-seeds.ts';
import { halfOfSeeds } from './simulation/seeds.ts';

/** Runs the other half of the histories of `simulation.slow.test.ts`, in a second file to use two cores. */
test('a history with random faults breaks no promise', { timeout: 10 * MINUTE }, async () => {
  const seeds = halfOfSeeds('second');
  const { failures, histories } = await runSeeds(seeds);
  expect(failures).toEqual([]);
  expect(histories).toBe(seeds.length);
});
