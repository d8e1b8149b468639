import { expect, test } from 'vitest';
import { HOUR } from '../../shared/durations.ts';
import { simulate } from './simulation/simulate.ts';
import { historyOf } from './simulation/trial.ts';

/** Some that the other tests do not live through. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 2_700 + number);

test('clocks that are wrong by up to three hours, each run by another time, cost nothing that Atlas holds', {
  timeout: 120_000,
}, async () => {
  const histories = SEEDS.map((seed) => historyOf(seed));
  expect(new Set(histories.map(({ subject }) => subject)).size).toBe(4);
  for (const history of histories) {
    // Without rate limits: until when to wait for Atlas is an instant, and by another run's clock that is hours away.
    const { violations } = await simulate({ ...history, skew: 3 * HOUR, bucket: null });
    expect(violations).toEqual([]);
  }
});
