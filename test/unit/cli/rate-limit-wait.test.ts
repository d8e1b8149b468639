import { expect, test } from 'vitest';
import { afterRateLimit } from '../../../cli/rate-limit-wait.ts';
import { AtlasThrottledError } from '../../../shared/atlas/errors.ts';
import type { Clock } from '../../../shared/clock.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';

const START = Date.parse('2026-03-02T12:00:00Z');

/** Returns a clock that moves only when someone sleeps. */
function clockAt(start: number): Clock {
  let now = start;
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  };
}

const throttled = (until: number) =>
  new AtlasThrottledError('projects', until, { operation: 'listProjects', attempts: 1 });

test('waits until the rate limit allows the work, and says how long', async () => {
  const clock = clockAt(START);
  const lines: string[] = [];
  const work = async () => {
    if (clock.now() < START + MINUTE) throw throttled(START + MINUTE);
    return clock.now();
  };
  expect(await afterRateLimit(clock, work, (line) => lines.push(line))).toBe(START + MINUTE);
  expect(lines).toEqual(["Atlas's rate limit is used up: waiting 60 s, until 12:01:00 UTC"]);
});

test('gives up after an hour, so that cron does not pile up', async () => {
  const clock = clockAt(START);
  const work = async () => {
    throw throttled(clock.now() + 10 * MINUTE);
  };
  await expect(afterRateLimit(clock, work, () => {})).rejects.toThrow(AtlasThrottledError);
  expect(clock.now() - START).toBe(HOUR);
});

test('throws other errors at once', async () => {
  const clock = clockAt(START);
  const work = () => Promise.reject(new Error('other'));
  await expect(afterRateLimit(clock, work, () => {})).rejects.toThrow('other');
  expect(clock.now()).toBe(START);
});
