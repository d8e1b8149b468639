import type { Clock } from '../clock.ts';
import type { CallContext } from './call-context.ts';
import { AtlasApiError, type AtlasError, AtlasResponseError, AtlasUnreachableError } from './errors.ts';

/** Attempts at one request, the first included. */
export const MAX_ATTEMPTS = 5;

/** Attempts at a request that times out: each costs tens of seconds, which the other targets wait for. */
const MAX_TIMEOUTS = 3;

/** Milliseconds. Threefold from one attempt to the next, so that five of them outlast a restart of some seconds. */
const BASE_DELAY = 250;
const GROWTH = 3;
const MAX_DELAY = 20_000;

/** Statuses that say "not now" rather than "no". */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Milliseconds to wait after the given failed attempt (the first is 1): full jitter, anything between nothing and a
 * bound that grows with the attempts.
 *
 * @param random from 0 to less than 1
 */
export function backoff(attempt: number, random: number): number {
  return Math.floor(random * Math.min(MAX_DELAY, BASE_DELAY * GROWTH ** (attempt - 1)));
}

/**
 * Runs until it succeeds, fails for good, has failed often enough, or the deadline leaves no time. Only this
 * operation's failures count: when the request for a token inside another operation has failed, that was after
 * attempts of its own.
 */
export async function withRetries<T>(
  operation: string,
  scope: CallContext,
  tools: { clock: Clock; random: () => number },
  attemptOnce: (attempt: number, previous: AtlasError | undefined) => Promise<T>,
): Promise<T> {
  let previous: AtlasError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(attempt, previous);
    } catch (error) {
      if (!isPassing(error) || error.operation !== operation || attempt >= attemptsFor(error)) throw error;
      const delay = delayAfter(error, attempt, tools.random());
      if (tools.clock.now() + delay >= scope.deadline) throw error;
      if (delay > 0) await tools.clock.sleep(delay);
      previous = error;
    }
  }
}

/** Milliseconds between two questions whether an answer is ready, at least. */
const READY_DELAY = 1_000;

function delayAfter(error: AtlasError, attempt: number, random: number): number {
  // A 429 needs no delay here: its bucket is closed for as long as Atlas says.
  if (error instanceof AtlasApiError && error.status === 429) return 0;
  return isNotReady(error) ? Math.max(READY_DELAY, backoff(attempt, random)) : backoff(attempt, random);
}

function isNotReady(error: unknown): boolean {
  return error instanceof AtlasResponseError && error.problem === 'not-ready';
}

/** How often a request that fails in this way is tried in all. */
function attemptsFor(error: AtlasError): number {
  // Atlas works on it, and says so each time: only the deadline ends that.
  if (isNotReady(error)) return Number.POSITIVE_INFINITY;
  return error instanceof AtlasUnreachableError && error.timedOut ? MAX_TIMEOUTS : MAX_ATTEMPTS;
}

function isPassing(error: unknown): error is AtlasError {
  if (error instanceof AtlasApiError) return PASSING.has(error.status);
  if (error instanceof AtlasResponseError)
    return error.problem === 'incomplete' || error.problem === 'not-json' || isNotReady(error);
  return error instanceof AtlasUnreachableError;
}
