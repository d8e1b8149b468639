import { describe, expect, test } from 'vitest';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { HOUR, SECOND } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { type KnownPoints, packInstants } from '../../../shared/measurements/instants.ts';
import { nextTask } from '../../../shared/measurements/next-task.ts';
import { expired } from '../../../shared/measurements/series-expiry.ts';
import { readWindow } from '../../../shared/measurements/series-reading.ts';
import { type Backlog, newSpan, type SeriesState } from '../../../shared/measurements/series-state.ts';
import { planOf } from '../../support/reading-plan.ts';
import { targetOf } from '../../support/target.ts';

const PT1M = resolutionOf('PT1M');
const PT1H = resolutionOf('PT1H');
const base = Date.parse('2026-03-02T16:00:00Z');
const now = base + 56 * HOUR;
const time = { tick: now, now };

/** Returns points in numbered hours since the base, each stamped some seconds early or late. */
function hours(by: number, ...numbers: readonly number[]): KnownPoints {
  return new Map([['A', packInstants(numbers.map((number) => base + number * HOUR + by))]]);
}

/** Returns a target that reads minutes, with a backlog of the first two hours; the first of them has no value. */
function withHours(by: number): SeriesState {
  const backlog: Backlog = {
    resolution: PT1H,
    from: base,
    to: base + 2 * HOUR,
    position: base + 2 * HOUR,
    firstRequestedAt: now - 7 * HOUR,
    lastRequestedAt: now - 3 * HOUR,
    again: base + 2 * HOUR,
    refusal: null,
    known: hours(by, 1),
  };
  const span = { ...newSpan(PT1M, base + 2 * HOUR), position: now, finallyCheckedTo: now };
  return {
    watermark: base,
    spans: [span],
    backlogs: [backlog],
    values: { first: base - HOUR, last: base + HOUR + by },
    substitutedUntil: null,
  };
}

/** Returns a target that reads hours and has read only the first one, for the last time. */
function ofHours(by: number): SeriesState {
  const end = base + HOUR;
  const span = { ...newSpan(PT1H, base), position: end, finallyCheckedTo: end, known: hours(by, 0) };
  return {
    watermark: base,
    spans: [{ ...span, startPosition: end }],
    backlogs: [],
    values: { first: base, last: base },
    substitutedUntil: null,
  };
}

const early = -2 * SECOND;
const late = 2 * SECOND;
const half = 30 * SECOND;

describe('a gap before a value that is stamped some seconds early or late', () => {
  test.each([
    ['early', early, base + HOUR - half],
    ['late', late, base + HOUR],
  ])('ends before the value, for hours without values: %s', (_, by, to) => {
    const task = nextTask(withHours(by), planOf(0), time);
    expect(task).toMatchObject({ kind: 'record', gaps: [{ from: base, to }] });
  });

  test.each([
    ['early', early, base + 13 * HOUR - half],
    ['late', late, base + 13 * HOUR],
  ])('ends before the value, for a part that Atlas refuses: %s', async (_, by, to) => {
    const report = { status: 400, errorCode: 'INVALID_START_DATE', reason: 'Bad Request', detail: null };
    const refusal = new AtlasApiError(report, { operation: 'measurements', attempts: 1 });
    const window = {
      purpose: 'advance' as const,
      place: 0,
      resolution: PT1H,
      from: base + HOUR,
      to: base + 50 * HOUR,
    };
    const { gaps } = await readWindow({
      window,
      state: ofHours(by),
      time,
      plan: planOf(0),
      maxSeries: 50,
      isListed: true,
      fetch: async ({ start }) => {
        if (start < base + 13 * HOUR) throw refusal;
        return [];
      },
      clock: () => now,
    });
    expect(gaps).toMatchObject([{ from: base + HOUR, to }]);
  });

  test.each([
    ['early', early, base + 9 * HOUR - half],
    ['late', late, base + 9 * HOUR],
  ])('ends before the value, for the unread part of a removed target: %s', (_, by, to) => {
    const target = targetOf(ofHours(by), { missingSince: base + 9.5 * HOUR });
    expect(expired(target, PT1H).gaps).toMatchObject([{ from: base + HOUR, to }]);
  });
});
