import type { Clock } from '../clock.ts';
import type { CallContext } from './call-context.ts';
import { AtlasApiError, type AtlasError, AtlasResponseError, AtlasUnreachableError } from './errors.ts';

/** Attempts at one request, including the first. */
export const MAX_ATTEMPTS = 5;

/** Attempts at a request that times out. Each takes tens of seconds while the other targets wait. */
const MAX_TIMEOUTS = 3;

/** Milliseconds. Delays triple with each attempt, so that five attempts outlast a restart of a few seconds. */
const BASE_DELAY = 250;
const GROWTH = 3;
const MAX_DELAY = 20_000;

/** Statuses of transient failures. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Returns the milliseconds to wait after the given failed attempt (the first is 1): full jitter, up to a bound that
 * grows with the attempts.
 *
 * @param random from 0 to less than 1
 */
export function backoff(attempt: number, random: number): number {
  return Math.floor(random * Math.min(MAX_DELAY, BASE_DELAY * GROWTH ** (attempt - 1)));
}

/**
 * Retries until the attempt succeeds, fails permanently, fails too often, or the deadline leaves no time. Retries only
 * this operation's failures: a nested token request has already made its own attempts.
 */
export async function withRetries<T>(
  operation: string,
  context: CallContext,
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
      if (tools.clock.now() + delay >= context.deadline) throw error;
      if (delay > 0) await tools.clock.sleep(delay);
      previous = error;
    }
  }
}

/** Minimum milliseconds between two polls of a pending response. */
const READY_DELAY = 1_000;

function delayAfter(error: AtlasError, attempt: number, random: number): number {
  // A 429 needs no delay here: its bucket stays closed for as long as Atlas says.
  if (error instanceof AtlasApiError && error.status === 429) return 0;
  return isNotReady(error) ? Math.max(READY_DELAY, backoff(attempt, random)) : backoff(attempt, random);
}

function isNotReady(error: unknown): boolean {
  return error instanceof AtlasResponseError && error.problem === 'not-ready';
}

/** Returns the maximum number of attempts for this failure. */
function attemptsFor(error: AtlasError): number {
  // Atlas confirms each time that it is working on the query: only the deadline ends the polling.
  if (isNotReady(error)) return Number.POSITIVE_INFINITY;
  return error instanceof AtlasUnreachableError && error.timedOut ? MAX_TIMEOUTS : MAX_ATTEMPTS;
}

function isPassing(error: unknown): error is AtlasError {
  if (error instanceof AtlasApiError) return PASSING.has(error.status);
  if (error instanceof AtlasResponseError)
    return error.problem === 'incomplete' || error.problem === 'not-json' || isNotReady(error);
  return error instanceof AtlasUnreachableError;
}
