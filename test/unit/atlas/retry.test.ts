import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AtlasApiError,
  AtlasResponseError,
  AtlasUnreachableError,
  type ResponseProblem,
} from '../../../shared/atlas/errors.ts';
import { backoff, MAX_ATTEMPTS, withRetries } from '../../../shared/atlas/retry.ts';
import { SkippingClock } from './fake-clock.ts';

const ERROR_CONTEXT = { operation: 'listProjects', attempts: 1 };
const apiError = (status: number) =>
  new AtlasApiError({ status, errorCode: null, reason: 'x', detail: null }, ERROR_CONTEXT);

async function attemptsAt(error: Error, deadlineIn = 600_000) {
  const clock = new SkippingClock();
  const context = {
    operation: 'listProjects',
    deadline: clock.now() + deadlineIn,
    traffic: { requests: 0, throttled: 0 },
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
  it('is anywhere between nothing and a bound that grows threefold from 250 ms up to 20 s', () => {
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
  it.each([500, 502, 503, 504])('tries five times at %d', async (status) => {
    const { attempts, slept } = await attemptsAt(apiError(status));
    expect(attempts).toBe(MAX_ATTEMPTS);
    expect(slept).toEqual([249, 749, 2_247, 6_743]);
  });

  it('adds no delay of its own to a 429', async () => {
    expect(await attemptsAt(apiError(429))).toEqual({ attempts: MAX_ATTEMPTS, slept: [] });
  });

  it.each([301, 400, 402, 403, 404, 406, 410, 501])('tries once at %d', async (status) => {
    expect((await attemptsAt(apiError(status))).attempts).toBe(1);
  });

  it.each<[ResponseProblem, number]>([
    ['incomplete', MAX_ATTEMPTS],
    ['not-json', MAX_ATTEMPTS],
    ['shape', 1],
    ['too-large', 1],
    ['name', 1],
  ])('an answer with the problem %s is asked for %d times', async (problem, times) => {
    expect((await attemptsAt(new AtlasResponseError(problem, 'x', ERROR_CONTEXT))).attempts).toBe(times);
  });

  it('leaves alone what another operation inside has tried often enough', async () => {
    const inner = new AtlasUnreachableError('x', { operation: 'requestToken', attempts: 5, timedOut: false });
    expect((await attemptsAt(inner)).attempts).toBe(1);
  });

  it('tries a request that times out three times, as each costs tens of seconds', async () => {
    const timedOut = new AtlasUnreachableError('x', { ...ERROR_CONTEXT, timedOut: true });
    expect((await attemptsAt(timedOut)).attempts).toBe(3);
  });

  it('gives up with the last error when the next wait would pass the deadline', async () => {
    const { attempts, slept } = await attemptsAt(
      new AtlasUnreachableError('x', { ...ERROR_CONTEXT, timedOut: false }),
      2_000,
    );
    expect(attempts).toBe(3);
    expect(slept).toEqual([249, 749]);
  });
});
