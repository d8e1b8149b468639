import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { runSeeds } from './simulation/run-seeds.ts';

/** Atlas Search shares the code of windows with processes. Its histories have hosts that have it for a while, or never. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 1 + number);

test('a history of Atlas Search with random faults breaks no promise', {
  timeout: 10 * MINUTE,
}, async () => {
  const { failures, histories, rows } = await runSeeds(SEEDS, { topic: 'search_measurements' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(1000 * SEEDS.length);
});
