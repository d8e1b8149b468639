import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AtlasApiError,
  AtlasResponseError,
  AtlasUnreachableError,
  type ResponseProblem,
} from '../../../shared/atlas/errors.ts';
import { backoff, MAX_ATTEMPTS, withRetries } from '../../../shared/atlas/retry.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { SkippingClock } from './fake-clock.ts';

const ERROR_CONTEXT = { operation: 'listProjects', attempts: 1 };
const apiError = (status: number) =>
  new AtlasApiError({ status, errorCode: null, reason: 'x', detail: null }, ERROR_CONTEXT);

async function attemptsAt(error: Error, deadlineIn = 10 * MINUTE) {
  const clock = new SkippingClock();
  const context = {
    operation: 'listProjects',
    deadline: clock.now() + deadlineIn,
    traffic: { requests: 0, throttled: 0 },
    exhausted: new Map(),
    signal: new AbortController().signal,
  };
  const numbers: number[] = [];
  const failing = withRetries('listProjects', context, { clock, random: () => 0.999 }, async (number) => {
    numbers.push(number);
    throw error;
  });
  await expect(failing).rejects.toBe(error);
  return { attempts: numbers.length, slept: clock.slept };
}

describe('backoff', () => {
  it('returns a delay below a bound that triples from 250 ms up to 20 s', () => {
    const bounds = [250, 1_000, 4_000, 16_000, 20_000, 20_000];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const delay = backoff(attempt, random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(bounds[attempt - 1] ?? 0);
        },
      ),
    );
    expect(backoff(3, 0)).toBe(0);
    expect(backoff(3, 0.5)).toBe(1_125);
  });
});

describe('withRetries', () => {
  it.each([500, 502, 503, 504])('makes five attempts after %d', async (status) => {
    const { attempts, slept } = await attemptsAt(apiError(status));
    expect(attempts).toBe(MAX_ATTEMPTS);
    expect(slept).toEqual([249, 749, 2_247, 6_743]);
  });

  it('adds no delay after a 429', async () => {
    expect(await attemptsAt(apiError(429))).toEqual({ attempts: MAX_ATTEMPTS, slept: [] });
  });

  it.each([301, 400, 402, 403, 404, 406, 410, 501])('makes one attempt after %d', async (status) => {
    expect((await attemptsAt(apiError(status))).attempts).toBe(1);
  });

  it.each<[ResponseProblem, number]>([
    ['incomplete', MAX_ATTEMPTS],
    ['not-json', MAX_ATTEMPTS],
    ['shape', 1],
    ['too-large', 1],
    ['name', 1],
  ])('handles a response with the problem %s with %d attempts', async (problem, times) => {
    expect((await attemptsAt(new AtlasResponseError(problem, 'x', ERROR_CONTEXT))).attempts).toBe(times);
  });

  it('does not retry a failure of a nested operation', async () => {
    const inner = new AtlasUnreachableError('x', { operation: 'requestToken', attempts: 5, timedOut: false });
    expect((await attemptsAt(inner)).attempts).toBe(1);
  });

  it('makes three attempts after a timeout, because each takes tens of seconds', async () => {
    const timedOut = new AtlasUnreachableError('x', { ...ERROR_CONTEXT, timedOut: true });
    expect((await attemptsAt(timedOut)).attempts).toBe(3);
  });

  it('throws the last error if the next delay would pass the deadline', async () => {
    const { attempts, slept } = await attemptsAt(
      new AtlasUnreachableError('x', { ...ERROR_CONTEXT, timedOut: false }),
      2_000,
    );
    expect(attempts).toBe(3);
    expect(slept).toEqual([249, 749]);
  });
});
