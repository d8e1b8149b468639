import { expect, test } from 'vitest';
import { simulate } from './simulation/simulate.ts';
import { historyOf } from './simulation/trial.ts';

const HOUR = 3_600_000;

/** Some that the other tests do not live through. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 2_700 + number);

test('clocks that are wrong by up to three hours, each run by another time, cost measurements and rankings nothing', {
  timeout: 120_000,
}, async () => {
  const subjects = ['measurements', 'ranked_namespaces'];
  const histories = SEEDS.map((seed) => historyOf(seed)).filter(({ subject }) => subjects.includes(subject));
  expect(histories.length).toBeGreaterThan(10);
  for (const history of histories) {
    const { violations } = await simulate({ ...history, skew: 3 * HOUR });
    expect(violations).toEqual([]);
  }
});
