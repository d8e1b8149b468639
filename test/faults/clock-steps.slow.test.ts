import { expect, test } from 'vitest';
import { HOUR } from '../../shared/durations.ts';
import { historyOf } from './simulation/run-seeds.ts';
import { simulate } from './simulation/simulate.ts';

/** Seeds that the other tests do not use. */
const SEEDS = Array.from({ length: 40 }, (_, number) => 2_700 + number);

test('loses no data that Atlas has when the clock of each run is wrong by up to three hours', {
  timeout: 120_000,
}, async () => {
  const histories = SEEDS.map((seed) => historyOf(seed));
  expect(new Set(histories.map(({ topic }) => topic)).size).toBe(4);
  for (const history of histories) {
    // Without rate limits, because another run's clock would be hours away from the instant until which a run waits.
    const { violations } = await simulate({ ...history, skew: 3 * HOUR, bucket: null });
    expect(violations).toEqual([]);
  }
});
