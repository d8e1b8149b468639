import { expect, test } from 'vitest';
import { tryHistories } from './simulation/trial.ts';

const SEEDS = Array.from({ length: 40 }, (_, number) => 1 + number);

test('a history of events with random faults breaks no promise', { timeout: 300_000 }, async () => {
  const { failures, histories, rows } = await tryHistories(SEEDS, { subject: 'events' });
  expect(failures).toEqual([]);
  expect(histories).toBe(SEEDS.length);
  expect(rows).toBeGreaterThan(100 * SEEDS.length);
});
