import { expect, test } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { runSeeds } from './simulation/run-seeds.ts';

const SEEDS = Array.from({ length: 40 }, (_, number) => 1 + number);

test('a history of snapshots with random faults breaks no promise', { timeout: 5 * MINUTE }, async () => {
  const { failures, histories, rows } = await runSeeds(SEEDS, { topic: 'snapshots' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(20 * SEEDS.length);
});
