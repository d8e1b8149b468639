import { AtlasThrottledError } from '../shared/atlas/errors.ts';
import type { Clock } from '../shared/clock.ts';
import { HOUR, SECOND } from '../shared/durations.ts';
import { utcTime } from './times.ts';

/** Rate limits of Atlas last minutes. A longer wait has another reason, and someone should look. */
const PATIENCE = HOUR;

/**
 * Repeats work that Atlas's rate limit stops, when the limit allows it. A function would give up and leave the rest to
 * its next tick, but a person waits for this one.
 * @throws {AtlasThrottledError} after an hour
 */
export async function afterRateLimit<Result>(
  clock: Clock,
  work: () => Promise<Result>,
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<Result> {
  const deadline = clock.now() + PATIENCE;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AtlasThrottledError)) throw error;
      const wait = Math.max(error.retryAt - clock.now(), SECOND);
      if (clock.now() + wait > deadline) throw error;
      say(
        `Atlas's rate limit is used up: waiting ${Math.ceil(wait / SECOND)} s, until ${utcTime(clock.now() + wait)}`,
      );
      await clock.sleep(wait);
    }
  }
}
