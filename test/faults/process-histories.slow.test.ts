import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { runSeeds } from './simulation/run-seeds.ts';

/** Processes share the code of windows with databases and disks, so fewer histories are about them. */
const SEEDS = Array.from({ length: 60 }, (_, number) => 1 + number);

test('a history of process measurements with random faults breaks no promise', {
  timeout: 10 * MINUTE,
}, async () => {
  const { failures, histories, rows } = await runSeeds(SEEDS, { topic: 'process_measurements' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(1000 * SEEDS.length);
});
