import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { nextTask, passed, withMissedFinalChecks } from '../../../shared/measurements/next-task.ts';
import {
  newSeries,
  newSpan,
  type SeriesState,
  withWatermark,
} from '../../../shared/measurements/series-state.ts';
import type { Window } from '../../../shared/measurements/windows.ts';
import { inNextRun } from '../../support/next-run.ts';
import { planOf } from '../../support/reading-plan.ts';

const at = (text: string) => Date.parse(text);
const PT5M = resolutionOf('PT5M');

/** Returns a target that was read from `from` to its watermark, and has a value there. */
function readTo(watermark: number, from: number, resolution = PT5M): SeriesState {
  const span = { ...newSpan(resolution, from), position: watermark, finallyCheckedTo: watermark };
  return {
    watermark,
    spans: [span],
    backlogs: [],
    values: { first: from, last: watermark - resolution.interval },
    substitutedUntil: null,
  };
}

/** Reads everything that is due in one run, and returns the windows in order. */
function readAll(state: SeriesState, settle: number, now: number) {
  const windows: Array<ReturnType<typeof shown>> = [];
  let current = state;
  for (;;) {
    const task = nextTask(current, planOf(settle), { tick: now, now });
    if (!task) return { windows, state: current };
    if (task.kind === 'record') {
      current = task.state;
      continue;
    }
    windows.push(shown(task.window));
    current = withWatermark(passed(task.state, task.window, { tick: now, now }));
    if (windows.length > 1000) throw new Error('the windows never end');
  }
}

function shown({ resolution, from, to, purpose }: Window) {
  return {
    granularity: resolution.granularity,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    purpose,
  };
}

/** Checks that nothing is read twice or skipped: each window starts where the previous one ended. */
function expectContiguous(windows: ReadonlyArray<{ from: string; to: string }>) {
  for (const [index, { from }] of windows.entries()) {
    if (index > 0) expect(from).toBe(windows[index - 1]?.to);
  }
}

describe('the next window', () => {
  test('of an up-to-date target goes from an hour before its watermark to the settled time', () => {
    const watermark = at('2026-03-02T11:15:00Z');
    const { windows } = readAll(
      readTo(watermark, watermark - 40 * HOUR),
      25 * MINUTE,
      at('2026-03-02T12:00:07Z'),
    );
    expect(windows).toEqual([
      {
        granularity: 'PT5M',
        from: '2026-03-02T10:15:00.000Z',
        to: '2026-03-02T11:35:00.000Z',
        purpose: 'advance',
      },
    ]);
  });

  test('does not exist when the tick is repeated', () => {
    const watermark = at('2026-03-02T11:35:00Z');
    expect(
      readAll(readTo(watermark, watermark - 40 * HOUR), 25 * MINUTE, at('2026-03-02T12:00:07Z')).windows,
    ).toEqual([]);
  });

  test('of a first run reads fine points first, then at PT1H the hour that is about to be dropped', () => {
    const now = at('2026-03-02T12:00:00Z');
    const { windows, state } = readAll(newSeries(PT5M, now - 48 * HOUR), 25 * MINUTE, now);
    const fine = windows.filter(({ granularity }) => granularity === 'PT5M');
    expect(windows).toEqual([...fine, expect.anything()]);
    // now − 48 h + 10 min is 12:10, so 13:00 is the first full hour for which fine points are reliable.
    expect(windows.at(-1)).toEqual({
      granularity: 'PT1H',
      from: '2026-02-28T12:00:00.000Z',
      to: '2026-02-28T13:00:00.000Z',
      purpose: 'backlog',
    });
    expect(fine[0]?.from).toBe('2026-02-28T13:00:00.000Z');
    expectContiguous(fine);
    for (const { from, to } of fine) expect(at(to) - at(from) + 6 * MINUTE).toBeLessThanOrEqual(6 * HOUR);
    expect(state.watermark).toBe(at('2026-03-02T11:35:00Z'));
  });

  test('after three days reads new points first, then the oldest part at PT1H from the hour of the watermark', () => {
    const now = at('2026-03-05T12:20:00Z');
    const watermark = at('2026-03-02T12:05:00Z');
    const { windows } = readAll(readTo(watermark, watermark - DAY, resolutionOf('PT1M')), 10 * MINUTE, now);
    const coarse = windows.filter(({ granularity }) => granularity === 'PT1H');
    expect(windows.slice(-coarse.length)).toEqual(coarse);
    // 48 h before now is 3 March 12:20; ten minutes later is 12:30; the next full hour is 13:00.
    expect(coarse[0]?.from).toBe('2026-03-02T12:00:00.000Z');
    expect(coarse.at(-1)?.to).toBe('2026-03-03T13:00:00.000Z');
    const fine = windows.filter(({ granularity }) => granularity === 'PT1M');
    expectContiguous(fine);
    expect(fine[0]?.from).toBe('2026-03-03T13:00:00.000Z');
    expect(fine.at(-1)?.to).toBe('2026-03-05T12:10:00.000Z');
  });

  test('after seventy days reads minutes, then days, then hours, without a hole', () => {
    const now = at('2026-06-10T09:45:00Z');
    const watermark = now - 70 * DAY;
    const { windows } = readAll(readTo(watermark, watermark - DAY), 25 * MINUTE, now);
    const [days = [], hours = [], fine = []] = ['P1D', 'PT1H', 'PT5M'].map((resolution) =>
      windows.filter(({ granularity }) => granularity === resolution),
    );
    expect(windows).toEqual([...fine, ...days, ...hours]);
    // 63 days before now is 8 April 09:45: the first whole day after it is the 9th.
    expect(days[0]?.from).toBe('2026-04-01T00:00:00.000Z');
    expect(days.at(-1)?.to).toBe('2026-04-09T00:00:00.000Z');
    // 48 h before now is 8 June 09:45; ten minutes later is 09:55; the next full hour is 10:00.
    expect(hours.at(-1)?.to).toBe('2026-06-08T10:00:00.000Z');
    expectContiguous([...days, ...hours, ...fine]);
  });

  test('is fine at a watermark that the fine granularity still covers, even if the limit for full hours lies after it', () => {
    const watermark = at('2026-03-03T12:35:00Z');
    const { windows } = readAll(readTo(watermark, watermark), 25 * MINUTE, at('2026-03-05T12:20:00Z'));
    expect(windows[0]).toMatchObject({ granularity: 'PT5M', from: '2026-03-03T12:35:00.000Z' });
  });

  test('of a resolution never starts before the resolution begins', () => {
    const watermark = at('2026-03-05T12:00:00Z');
    const { windows } = readAll(
      readTo(watermark, watermark - 20 * MINUTE),
      25 * MINUTE,
      at('2026-03-05T13:00:00Z'),
    );
    expect(windows[0]?.from).toBe('2026-03-05T11:40:00.000Z');
  });

  test.each([0, 2 * HOUR, 5.9 * HOUR])(
    'checks every interval a final time between 42 and 48 hours after its time, jitter %d',
    (jitter) => {
      const start = at('2026-03-01T00:00:00Z');
      let state = newSeries(PT5M, start);
      const finalChecks: Array<{ from: number; to: number; now: number }> = [];
      for (let now = start; now < start + 10 * DAY; now += 20 * MINUTE) {
        const time = { tick: now, now };
        state = inNextRun(state);
        for (;;) {
          const task = nextTask(state, planOf(25 * MINUTE, jitter), time);
          if (task?.kind !== 'read') break;
          if (task.window.purpose === 'final-check') finalChecks.push({ ...task.window, now });
          state = withWatermark(passed(task.state, task.window, time));
        }
        expect(withMissedFinalChecks(state, now).missed).toBe(false);
      }
      for (let interval = start; interval < start + 7 * DAY; interval += 5 * MINUTE) {
        const ages = finalChecks
          .filter(({ from, to }) => from <= interval && interval < to)
          .map(({ now }) => (now - interval) / HOUR);
        expect(ages).toHaveLength(1);
        for (const age of ages) expect(age).toBeGreaterThan(42);
        expect(Math.max(...ages)).toBeLessThanOrEqual(48);
      }
      // One more request in five hours, not one with every tick.
      expect(finalChecks.length).toBeLessThan((8 * 24) / 5 + 2);
    },
  );

  test('looks for late points only after the new ones', () => {
    const now = at('2026-03-05T12:00:00Z');
    const state = readTo(now - HOUR, now - 60 * HOUR);
    const [span] = state.spans;
    if (!span) throw new Error('no span');
    const due = {
      ...state,
      spans: [{ ...span, finallyCheckedTo: now - 48 * HOUR + MINUTE, rereadFrom: span.from }],
    };
    const purposes = readAll(due, 25 * MINUTE, now).windows.map(({ purpose }) => purpose);
    expect([...new Set(purposes)]).toEqual(['advance', 'final-check', 'reread']);
  });

  test('of a series that appeared covers everything that Atlas still has, once', () => {
    const now = at('2026-03-05T12:00:00Z');
    const watermark = at('2026-03-05T11:35:00Z');
    const state = readTo(watermark, 0);
    const [span] = state.spans;
    if (!span) throw new Error('no span');
    const { windows, state: after } = readAll(
      { ...state, spans: [{ ...span, rereadFrom: 0 }] },
      25 * MINUTE,
      now,
    );
    expect(windows[0]).toMatchObject({ from: '2026-03-03T12:00:00.000Z', purpose: 'reread' });
    expect(windows.at(-1)?.to).toBe('2026-03-05T11:35:00.000Z');
    expectContiguous(windows);
    expect(after.spans[0]?.rereadFrom).toBeNull();
  });

  test('a missed final check is reported once', () => {
    const now = at('2026-03-05T12:00:00Z');
    const state = readTo(now - HOUR, now - 60 * HOUR);
    const [span] = state.spans;
    if (!span) throw new Error('no span');
    const starved = { ...state, spans: [{ ...span, finallyCheckedTo: now - 50 * HOUR }] };
    const { state: noted, missed } = withMissedFinalChecks(starved, now);
    expect(missed).toBe(true);
    expect(withMissedFinalChecks(noted, now).missed).toBe(false);
  });
});
