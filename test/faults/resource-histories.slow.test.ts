import { expect, test } from 'vitest';
import { tryHistories } from './simulation/trial.ts';

/** Histories of resources cost twice what others do, and are more alike: fewer of them are lived through. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 1 + number);

test('a history of inventory and costs breaks no promise, whatever happens in it', {
  timeout: 300_000,
}, async () => {
  const { failures, histories, rows } = await tryHistories(SEEDS, { subject: 'resources' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(100 * SEEDS.length);
});
