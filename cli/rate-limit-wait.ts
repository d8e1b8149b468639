import type { Dispatched } from '../functions/dispatch/dispatch.ts';
import { NoCredentialWorksError } from '../functions/dispatch/list-projects.ts';
import { AtlasThrottledError } from '../shared/atlas/errors.ts';
import type { Clock } from '../shared/clock.ts';
import { HOUR, SECOND } from '../shared/durations.ts';
import { utcTime } from './times.ts';

/** Rate limits of Atlas last minutes. A longer wait has another reason, and someone should look. */
const PATIENCE = HOUR;

type Say = (line: string) => void;

const toStderr: Say = (line) => process.stderr.write(`${line}\n`);

/**
 * Repeats work that Atlas's rate limit stops, when the limit allows it. A function would give up and leave the rest to
 * its next tick, but a person waits for this one.
 * @throws {AtlasThrottledError} after an hour
 */
export async function afterRateLimit<Result>(
  clock: Clock,
  work: () => Promise<Result>,
  say: Say = toStderr,
): Promise<Result> {
  return repeated(clock, { work, errorsOf: () => [], until: clock.now() + PATIENCE, say });
}

/**
 * Returns a function that repeats the dispatch of a tick while Atlas's rate limit stops the list of any credential. All
 * dispatches together wait for an hour at most. Then a tick does without that credential, or ends with its error if none works.
 */
export function dispatchAfterRateLimit(
  clock: Clock,
  say: Say = toStderr,
): (dispatch: () => Promise<Dispatched>) => Promise<Dispatched> {
  const until = clock.now() + PATIENCE;
  const errorsOf = ({ failed }: Dispatched) => failed.map(({ error }) => error);
  return (work) => repeated(clock, { work, errorsOf, until, say });
}

async function repeated<Result>(
  clock: Clock,
  {
    work,
    errorsOf,
    until,
    say,
  }: {
    work: () => Promise<Result>;
    /** Returns the errors that a result contains. */
    errorsOf: (result: Result) => readonly unknown[];
    until: number;
    say: Say;
  },
): Promise<Result> {
  for (;;) {
    const { errors, end } = await attempted(work, errorsOf);
    const retryAt = firstRetry(errors);
    if (retryAt === undefined) return end();
    const wait = Math.max(retryAt - clock.now(), SECOND);
    if (clock.now() + wait > until) return end();
    say(
      `Atlas's rate limit is used up: waiting ${Math.ceil(wait / SECOND)} s, until ${utcTime(clock.now() + wait)}`,
    );
    await clock.sleep(wait);
  }
}

/** Returns the errors of one attempt, and a function that returns its result or throws its error. */
async function attempted<Result>(
  work: () => Promise<Result>,
  errorsOf: (result: Result) => readonly unknown[],
): Promise<{ errors: readonly unknown[]; end: () => Result }> {
  try {
    const result = await work();
    return { errors: errorsOf(result), end: () => result };
  } catch (error) {
    const end = () => {
      throw error;
    };
    if (!(error instanceof NoCredentialWorksError)) return { errors: [error], end };
    return { errors: error.failed.map((one) => one.error), end };
  }
}

/** Returns when the first of the throttled requests can be sent; undefined if none was throttled. */
function firstRetry(errors: readonly unknown[]): number | undefined {
  const times = errors.flatMap((error) => (error instanceof AtlasThrottledError ? [error.retryAt] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}
