import { describe, expect, test } from 'vitest';
import type { MeasurementSeries, MeasurementWindow } from '../../../shared/atlas/api.ts';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { nextTask } from '../../../shared/measurements/next-task.ts';
import { readWindow } from '../../../shared/measurements/series-reading.ts';
import { newSeries, type SeriesState } from '../../../shared/measurements/series-state.ts';
import { configured, requestedAgain } from '../../../shared/measurements/substitution.ts';
import { inNextRun } from '../../support/next-run.ts';
import { planOf } from '../../support/reading-plan.ts';

const NOW = Date.parse('2026-03-05T11:03:20Z');
const SETTLE = 10 * MINUTE;
const FINE = resolutionOf('PT10S');

/** A target that is read for the first time, from an hour ago. */
const first = newSeries(FINE, Math.floor((NOW - HOUR) / MINUTE) * MINUTE);

type Answer = (window: MeasurementWindow) => MeasurementSeries[];

function refuse(status: number, errorCode: string | null = 'UNEXPECTED_ERROR'): never {
  const report = { status, errorCode, reason: 'Refused', detail: null };
  throw new AtlasApiError(report, { operation: 'measurements', attempts: 5 });
}

/** One series with a value at each whole interval. */
const values: Answer = ({ granularity, start, end }) => {
  const { interval } = resolutionOf(granularity);
  const from = Math.ceil(start / interval) * interval;
  const count = Math.max(0, Math.floor((end - from) / interval) + 1);
  const dataPoints = Array.from({ length: count }, (_, place) => ({
    timestamp: from + place * interval,
    value: 1,
  }));
  return [{ name: 'CONNECTIONS', units: 'SCALAR', dataPoints }];
};

/** Reads everything that is due in one run. Returns the rows as granularity and timestamp. */
async function run(state: SeriesState, now: number, answer: Answer) {
  const time = { tick: now, now };
  const rows: Array<[granularity: string, timestamp: number]> = [];
  const gaps: unknown[] = [];
  const requests: MeasurementWindow[] = [];
  let current = inNextRun(state);
  for (;;) {
    const plan = planOf(SETTLE);
    const task = nextTask(requestedAgain(current, FINE, time), plan, time);
    if (!task) return { state: current, rows, gaps, requests };
    if (task.kind === 'record') throw new Error('nothing to record');
    const { window } = task;
    const read = await readWindow({
      window,
      state: task.state,
      time,
      plan,
      maxSeries: 50,
      isListed: true,
      clock: () => now,
      fetch: async (asked) => {
        requests.push(asked);
        return answer(asked);
      },
    });
    current = read.state;
    gaps.push(...read.gaps);
    for (const { timestamp } of read.points) rows.push([window.resolution.granularity, timestamp]);
  }
}

const withoutTenSeconds =
  (status: number, code?: string): Answer =>
  (window) =>
    window.granularity === 'PT10S' ? refuse(status, code) : values(window);

function everyMinute(from: number, to: number): Array<[string, number]> {
  return Array.from({ length: (to - from) / MINUTE }, (_, place) => ['PT1M', from + place * MINUTE]);
}

const settled = (now: number) => Math.floor((now - SETTLE) / MINUTE) * MINUTE;

describe('a granularity of ten seconds', () => {
  test('is read in whole minutes', async () => {
    const { rows, state } = await run(first, NOW, values);
    expect(state.watermark).toBe(settled(NOW));
    expect(rows).toHaveLength((state.watermark - first.watermark) / (10 * SECOND));
    expect(new Set(rows.map(([granularity]) => granularity))).toEqual(new Set(['PT10S']));
  });

  test.each([
    [500, 'UNEXPECTED_ERROR'],
    [400, 'INVALID_GRANULARITY'],
  ])('is replaced by minutes when Atlas never offered it and answers %d', async (status, code) => {
    const { rows, gaps, state } = await run(first, NOW, withoutTenSeconds(status, code));
    expect(rows).toEqual(everyMinute(first.watermark, settled(NOW)));
    expect(gaps).toEqual([]);
    expect(state.watermark).toBe(settled(NOW));
    expect(state.substitutedUntil).toBe(NOW + DAY);
  });

  test('is not requested again for a day, and then again', async () => {
    let { state } = await run(first, NOW, withoutTenSeconds(500));
    let at = NOW;
    for (; at + 20 * MINUTE < NOW + DAY; at += 20 * MINUTE) {
      const next = await run(state, at + 20 * MINUTE, values);
      expect(next.requests.every(({ granularity }) => granularity === 'PT1M')).toBe(true);
      state = next.state;
    }
    const refused = await run(state, NOW + DAY, withoutTenSeconds(500));
    expect(refused.requests[0]?.granularity).toBe('PT10S');
    expect(refused.rows).toEqual(everyMinute(state.watermark, settled(NOW + DAY)));
    // The span of minutes continues: nothing is left of the attempt.
    expect(refused.state.spans.map(({ resolution, to }) => [resolution.granularity, to])).toEqual([
      ['PT1M', null],
    ]);
    const offered = await run(state, NOW + DAY, values);
    expect(offered.state.substitutedUntil).toBe(null);
    expect(Math.min(...offered.rows.map(([, timestamp]) => timestamp))).toBe(state.watermark);
    expect(new Set(offered.rows.map(([granularity]) => granularity))).toEqual(new Set(['PT10S']));
  });

  test('that worked is only replaced after an hour of errors, and its missing final checks are a gap', async () => {
    const { state } = await run(first, NOW, values);
    await expect(run(state, NOW + 20 * MINUTE, withoutTenSeconds(500))).rejects.toThrow('500');
    const later = NOW + HOUR + 20 * MINUTE;
    const { rows, gaps } = await run(state, later, withoutTenSeconds(500));
    expect(rows).toEqual(everyMinute(state.watermark, settled(later)));
    expect(gaps).toEqual([
      {
        from: first.watermark,
        to: state.watermark,
        reason: 'refused by Atlas when it was to be read a last time: 500 UNEXPECTED_ERROR',
      },
    ]);
  });

  test.each<[string, Answer]>([
    ['minutes fail as well', () => refuse(500)],
    ['the error is that of a proxy', ({ granularity }) => (granularity === 'PT10S' ? refuse(500, null) : [])],
    ['the error says something else', ({ granularity }) => (granularity === 'PT10S' ? refuse(403, 'X') : [])],
  ])('fails when %s', async (_, answer) => {
    await expect(run(first, NOW, answer)).rejects.toThrow(AtlasApiError);
  });

  test('stays when Atlas only refuses an old time of it', async () => {
    const old = newSeries(FINE, first.watermark - 6 * HOUR);
    const { state, rows, gaps } = await run(old, NOW, (window) =>
      window.granularity === 'PT10S' && window.start < NOW - 4 * HOUR
        ? refuse(400, 'INVALID_START_DATE')
        : values(window),
    );
    expect(state.substitutedUntil).toBe(null);
    expect(new Set(rows.map(([granularity]) => granularity))).toEqual(new Set(['PT10S']));
    expect(gaps.length).toBeGreaterThan(0);
  });

  test('that is no longer configured is forgotten', async () => {
    const { state } = await run(first, NOW, withoutTenSeconds(500));
    expect(configured(state, resolutionOf('PT5M')).substitutedUntil).toBe(null);
    expect(configured(state, FINE)).toEqual(state);
  });

  test('after its retention is read at a minute, and then by ten seconds, without a break or overlap', async () => {
    const from = Math.floor((NOW - 20 * HOUR) / MINUTE) * MINUTE;
    const { rows, state } = await run(newSeries(FINE, from), NOW, values);
    const minutes = rows.filter(([granularity]) => granularity === 'PT1M').map(([, timestamp]) => timestamp);
    const seconds = rows.filter(([granularity]) => granularity === 'PT10S').map(([, timestamp]) => timestamp);
    expect(Math.min(...minutes)).toBe(from);
    expect(Math.max(...minutes) + MINUTE).toBe(Math.min(...seconds));
    expect(Math.max(...seconds) + 10 * SECOND).toBe(state.watermark);
    expect(minutes).toHaveLength((Math.min(...seconds) - from) / MINUTE);
  });
});
