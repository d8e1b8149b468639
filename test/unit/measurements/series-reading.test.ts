import { describe, expect, test } from 'vitest';
import type { MeasurementWindow } from '../../../shared/atlas/api.ts';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { nextTask } from '../../../shared/measurements/next-task.ts';
import { beginSeries, boundedSeries } from '../../../shared/measurements/rereading.ts';
import { readWindow } from '../../../shared/measurements/series-reading.ts';
import { newSeries, withSpan } from '../../../shared/measurements/series-state.ts';
import { endBeyond } from '../../../shared/measurements/unfinished.ts';
import type { Window } from '../../../shared/measurements/windows.ts';
import { planOf } from '../../support/reading-plan.ts';

const NOW = Date.parse('2026-03-05T11:00:00Z');
const TIME = { tick: NOW, now: NOW };
const SETTLE = 25 * MINUTE;
const LEVEL = resolutionOf('PT1M');

/**
 * Returns a target of which an earlier run of the tick read everything, and whose oldest values are due for a final
 * check.
 */
const read = withSpan(newSeries(LEVEL, NOW - 47.5 * HOUR), 0, { position: NOW - SETTLE });

/** Reads the next window of the target when Atlas refuses windows that begin more than this many hours ago. */
async function readRefused(hours: number, errorCode: string | null = 'INVALID_START_DATE') {
  const requests: MeasurementWindow[] = [];
  const task = nextTask(read, planOf(SETTLE), TIME);
  if (task?.kind !== 'read') throw new Error('nothing to read');
  expect(task.window.purpose).toBe('final-check');
  const answer = readWindow({
    window: task.window,
    state: task.state,
    time: TIME,
    plan: planOf(SETTLE),
    maxSeries: 50,
    isListed: true,
    clock: () => NOW,
    fetch: async (window) => {
      requests.push(window);
      if (window.start >= NOW - hours * HOUR) return [];
      const report = { status: 400, errorCode, reason: 'Bad Request', detail: null };
      throw new AtlasApiError(report, { operation: 'measurements', attempts: 1 });
    },
  });
  return { window: task.window, requests, answer };
}

describe('a final check that Atlas refuses in a run that has nothing new to read', () => {
  test('is given up an hour at a time when Atlas answers for a later time', async () => {
    const { window, requests, answer } = await readRefused(43);
    const { gaps, state } = await answer;
    expect(gaps).toEqual([
      {
        from: window.from,
        to: window.from + HOUR,
        reason: 'refused by Atlas when it was to be read a last time: 400 INVALID_START_DATE',
      },
    ]);
    expect(state.spans[0]?.finallyCheckedTo).toBe(window.from + HOUR);
    expect(requests.at(-1)?.end).toBe(endBeyond({ to: NOW - SETTLE, resolution: LEVEL }, NOW));
  });

  test('fails without a gap when Atlas refuses the later time as well', async () => {
    const { answer } = await readRefused(0);
    await expect(answer).rejects.toThrow(/INVALID_START_DATE/);
  });

  test('fails without a gap when the refusal has no code of Atlas', async () => {
    const { answer } = await readRefused(43, null);
    await expect(answer).rejects.toThrow(/not from Atlas/);
  });
});

describe('new data that Atlas refuses although it has it', () => {
  /** Reads the window of a target that was read until 40 hours ago, and was not finally checked since 45 hours ago. */
  async function readAfterOutage() {
    const state = withSpan(newSeries(LEVEL, NOW - 45 * HOUR), 0, { position: NOW - 40 * HOUR });
    const window: Window = {
      purpose: 'advance',
      place: 0,
      resolution: LEVEL,
      from: NOW - 40 * HOUR,
      to: NOW - 35 * HOUR,
    };
    return readWindow({
      window,
      state,
      time: TIME,
      plan: planOf(SETTLE),
      maxSeries: 50,
      isListed: true,
      clock: () => NOW,
      fetch: async ({ start }) => {
        if (start >= NOW - 33 * HOUR) return [];
        const report = { status: 400, errorCode: 'INVALID_START_DATE', reason: 'Bad Request', detail: null };
        throw new AtlasApiError(report, { operation: 'measurements', attempts: 1 });
      },
    });
  }

  test('becomes a gap, and so do the earlier values that get no final check any more', async () => {
    const { gaps, state } = await readAfterOutage();
    const code = '400 INVALID_START_DATE';
    expect(gaps).toEqual([
      {
        from: NOW - 45 * HOUR,
        to: NOW - 40 * HOUR,
        reason: `refused by Atlas when it was to be read a last time: ${code}`,
      },
      {
        from: NOW - 40 * HOUR,
        to: NOW - 39 * HOUR,
        reason: `refused by Atlas before it was read: ${code}`,
      },
    ]);
    expect(state.spans[0]).toMatchObject({ from: NOW - 39 * HOUR, finallyCheckedTo: NOW - 39 * HOUR });
  });
});

describe('the newest point of a target that has left', () => {
  const FROM = NOW - 8 * HOUR;
  const state = withSpan(newSeries(LEVEL, FROM), 0, { position: FROM });
  const window: Window = { purpose: 'advance', place: 0, resolution: LEVEL, from: FROM, to: NOW - 2 * HOUR };

  const readPoints = (ages: readonly number[], isListed: boolean) => readSeries({ A: ages }, isListed);

  const readSeries = (series: Record<string, readonly number[]>, isListed: boolean) =>
    readWindow({
      window,
      state,
      time: TIME,
      plan: planOf(SETTLE),
      maxSeries: 50,
      isListed,
      clock: () => NOW,
      fetch: async () =>
        Object.entries(series).map(([name, ages]) => ({
          name,
          units: null,
          dataPoints: ages.map((age) => ({ timestamp: NOW - age, value: age })),
        })),
    });

  test('is not passed by the watermark, and ends the new values of this run', async () => {
    const { state: after, points } = await readPoints([5 * HOUR, 4 * HOUR, 3 * HOUR], false);
    expect(points.map(({ timestamp }) => NOW - timestamp)).toEqual([5 * HOUR, 4 * HOUR]);
    expect(after.watermark).toBe(NOW - 3 * HOUR);
    expect(nextTask(after, planOf(SETTLE), TIME)).toBeNull();
  });

  test('is read when there is a later one, or after six hours', async () => {
    const later = await readPoints([3 * HOUR, HOUR], false);
    expect(later.points.map(({ timestamp }) => NOW - timestamp)).toEqual([3 * HOUR]);
    expect(later.state.watermark).toBe(window.to);
    // The rest is read in the same run, although its newest point is after this window.
    expect(nextTask(later.state, planOf(SETTLE), TIME)).toMatchObject({ window: { purpose: 'advance' } });
    const old = await readPoints([7 * HOUR], false);
    expect(old.points.map(({ timestamp }) => NOW - timestamp)).toEqual([7 * HOUR]);
    expect(old.state.watermark).toBe(window.to);
  });

  test('of one series does not keep others from being read', async () => {
    const { state: after, points } = await readSeries(
      { A: [4 * HOUR, 3 * HOUR], B: [3 * HOUR, 2.5 * HOUR] },
      false,
    );
    expect(points.map(({ measurement, timestamp }) => [measurement, NOW - timestamp])).toEqual([
      ['A', 4 * HOUR],
      ['B', 3 * HOUR],
    ]);
    expect(after.watermark).toBe(NOW - 3 * HOUR);
  });

  test('is passed where the target is listed, because its final check reads it', async () => {
    const { state: after, points } = await readPoints([4 * HOUR, 3 * HOUR], true);
    expect(points.map(({ timestamp }) => NOW - timestamp)).toEqual([4 * HOUR]);
    expect(after.watermark).toBe(window.to);
  });
});

test('an hour of the past that Atlas refuses is no gap if no request has shown that it answers for others', async () => {
  const period = { from: NOW - 10 * DAY, to: NOW - 9 * DAY };
  const begun = beginSeries({ substitutedUntil: null }, period, LEVEL);
  const time = { tick: period.to + SETTLE, now: NOW };
  const task = nextTask(boundedSeries(begun, period, { readTo: NOW, now: NOW }), planOf(SETTLE), time);
  if (task?.kind !== 'read') throw new Error('nothing to read');
  const fetch = async () => {
    const report = { status: 404, errorCode: 'HOST_NOT_FOUND', reason: 'Not Found', detail: null };
    throw new AtlasApiError(report, { operation: 'measurements', attempts: 1 });
  };
  const { window, state } = task;
  const reading = {
    window,
    state,
    time,
    plan: planOf(SETTLE),
    maxSeries: 50,
    isListed: true,
    clock: () => NOW,
    fetch,
  };
  expect(window.purpose).toBe('backlog');
  await expect(readWindow(reading)).rejects.toThrow(/HOST_NOT_FOUND/);
});
