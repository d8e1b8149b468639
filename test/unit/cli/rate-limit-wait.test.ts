import { expect, test } from 'vitest';
import { afterRateLimit, dispatchAfterRateLimit } from '../../../cli/rate-limit-wait.ts';
import type { Dispatched } from '../../../functions/dispatch/dispatch.ts';
import { FailedCredential, NoCredentialWorksError } from '../../../functions/dispatch/list-projects.ts';
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

const dispatched = (...failed: FailedCredential[]): Dispatched => ({
  ...{ dataset: 'alerts', projects: [], organisations: [], names: new Map(), unreadable: [] },
  ...{ unreadableItems: 0, unlisted: [], orphaned: [], failed },
});

test('dispatches again when the first throttled credential can list its projects', async () => {
  const clock = clockAt(START);
  const times: number[] = [];
  const result = await dispatchAfterRateLimit(clock, () => {})(async () => {
    times.push(clock.now());
    if (clock.now() === START) {
      throw new NoCredentialWorksError([
        new FailedCredential('acme', throttled(START + 2 * MINUTE)),
        new FailedCredential('globex', throttled(START + MINUTE)),
        new FailedCredential('initech', new Error('other')),
      ]);
    }
    return clock.now() < START + 2 * MINUTE
      ? dispatched(new FailedCredential('acme', throttled(START + 2 * MINUTE)))
      : dispatched(new FailedCredential('initech', new Error('other')));
  });
  expect(times).toEqual([START, START + MINUTE, START + 2 * MINUTE]);
  expect(result.failed.map(({ credential }) => credential)).toEqual(['initech']);
});

test('goes on without a throttled credential after an hour for all datasets together', async () => {
  const clock = clockAt(START);
  const patiently = dispatchAfterRateLimit(clock, () => {});
  for (let dataset = 0; dataset < 3; dataset += 1) {
    const { failed } = await patiently(async () =>
      dispatched(new FailedCredential('acme', throttled(clock.now() + 10 * MINUTE))),
    );
    expect(failed).toHaveLength(1);
  }
  expect(clock.now() - START).toBe(HOUR);
});
