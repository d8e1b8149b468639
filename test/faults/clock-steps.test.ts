import { expect, test } from 'vitest';
import { simulate } from './simulation/simulate.ts';
import { historyOf } from './simulation/trial.ts';

const HOUR = 3_600_000;

/** Among them 2185, in which a clock that had been ahead put off the listing of a process. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 2_160 + number);

test('clocks that are wrong by up to three hours, each run by another time, cost measurements nothing', {
  timeout: 120_000,
}, async () => {
  const histories = SEEDS.map((seed) => historyOf(seed)).filter(({ subject }) => subject === 'measurements');
  expect(histories.length).toBeGreaterThan(10);
  for (const history of histories) {
    const { violations } = await simulate({ ...history, skew: 3 * HOUR });
    expect(violations).toEqual([]);
  }
});
