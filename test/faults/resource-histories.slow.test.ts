import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { runSeeds } from './simulation/run-seeds.ts';

/** Histories of resources take twice as long as others and differ less from each other, so fewer of them run. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 1 + number);

test('a history of inventory and costs with random faults breaks no promise', {
  timeout: 5 * MINUTE,
}, async () => {
  const { failures, histories, rows } = await runSeeds(SEEDS, { topic: 'resources' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(100 * SEEDS.length);
});
