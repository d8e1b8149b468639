import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { withBacklogs } from '../../../shared/measurements/backlogs.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { packInstants, unpackInstants } from '../../../shared/measurements/instants.ts';
import {
  beginSeries,
  boundedSeries,
  canBeFilled,
  granularityMismatch,
  intervalMarker,
  intervalOf,
  isAtOneResolution,
  seriesReadTo,
  unreadSeries,
  withRows,
} from '../../../shared/measurements/rereading.ts';
import { newSeries, newSpan, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import { configured } from '../../../shared/measurements/substitution.ts';
import { lakeTime, T } from '../../support/times.ts';

const [PT1M, PT5M, PT1H] = [resolutionOf('PT1M'), resolutionOf('PT5M'), resolutionOf('PT1H')];

const row = (granularity: string, ts: number, measurement = 'A') => ({
  granularity,
  ts: lakeTime(ts),
  measurement,
});

/** Returns a lake that has rows of one target. */
function lakeOf(rows: ReadonlyArray<ReturnType<typeof row>>) {
  const marks = rows.flatMap(intervalMarker(PT1M, () => 't'));
  return { countOf: (mark: string) => marks.filter((one) => one === mark).length };
}

test.each([
  ['a minute within an hour of the lake', row('PT1M', T + 5 * MINUTE), row('PT1H', T), false],
  ['an hour around a minute of the lake', row('PT1H', T), row('PT1M', T + 59 * MINUTE), false],
  ['an hour that begins some seconds early, around a minute', row('PT1H', T - 20_000), row('PT1M', T), false],
  ['a minute within five minutes', row('PT1M', T + 4 * MINUTE), row('PT5M', T), false],
  ['a day around an hour', row('P1D', T - 12 * HOUR), row('PT1H', T), false],
  ['a minute beside an hour', row('PT1M', T + HOUR), row('PT1H', T), true],
  ['another minute of the same hour', row('PT1M', T), row('PT1M', T + MINUTE), true],
  ['a minute within an hour of another series', row('PT1M', T), row('PT1H', T, 'B'), true],
])('%s: can it be written?', (_, one, inLake, can) => {
  expect(isAtOneResolution(one, 't', lakeOf([inLake]))).toBe(can);
  expect(isAtOneResolution(one, 'another target', lakeOf([inLake]))).toBe(true);
});

const until = (now: number) => ({ readTo: now, now });

test('a period that Atlas has dropped at the fine granularity is read as hours and days, up to its end', () => {
  const period = { from: T - 70 * DAY, to: T - 60 * DAY };
  const state = boundedSeries(beginSeries({ substitutedUntil: null }, period, PT1M), period, until(T));
  expect(state.backlogs.map(({ resolution, from, to }) => [resolution.granularity, from, to])).toEqual([
    ['P1D', Math.floor(period.from / DAY) * DAY, T - 62.5 * DAY],
    ['PT1H', T - 62.5 * DAY, period.to],
  ]);
  // Later, when more has been dropped, nothing beyond the period is added.
  const later = boundedSeries(state, period, until(T + DAY));
  expect(later.backlogs.every(({ to }) => to <= period.to)).toBe(true);
});

test('a period that Atlas has at the fine granularity has no backlogs', () => {
  const period = { from: T - DAY, to: T };
  expect(
    boundedSeries(beginSeries({ substitutedUntil: null }, period, PT1M), period, until(T)),
  ).toMatchObject({
    backlogs: [],
    spans: [{ resolution: PT1M, from: period.from }],
  });
});

test('written rows are known in the spans and backlogs that have their time, and nowhere else', () => {
  const closed = { ...newSpan(PT5M, T), position: T + HOUR, to: T + HOUR };
  const state = { ...newSeries(PT1M, T + HOUR), spans: [closed, newSpan(PT1M, T + HOUR)] };
  const written = (granularity: string, ts: number) => ({ granularity, ts, measurement: 'A' });
  const after = withRows(state, [
    written('PT5M', T - 5 * MINUTE),
    written('PT5M', T + 5 * MINUTE),
    written('PT1M', T + 5 * MINUTE),
    written('PT1M', T + 2 * HOUR),
  ]);
  const known = after.spans.map((span) => [...span.known].map(([name, set]) => [name, unpackInstants(set)]));
  expect(known).toEqual([[['A', [T + 5 * MINUTE]]], [['A', [T + 2 * HOUR]]]]);
});

describe('a series that a backfill finds first', () => {
  const known = new Map([['A', packInstants([T - 2 * HOUR])]]);
  const read = withSpan(newSeries(PT1M, T - DAY), 0, { position: T, known });
  const written = (measurement: string) => ({ granularity: 'PT1M', ts: T - HOUR, measurement });

  test('is read by runs from the start of the target, because it is not new to them', () => {
    expect(withRows(read, [written('A'), written('B')]).spans[0]).toMatchObject({ rereadFrom: T - DAY });
  });

  test('is no reason to read anything again when it is the only one, or was known', () => {
    expect(withRows(read, [written('A')]).spans[0]).toMatchObject({ rereadFrom: null });
    const without = withSpan(read, 0, { known: new Map() });
    expect(withRows(without, [written('B')]).spans[0]).toMatchObject({ rereadFrom: null });
  });
});

test('a configuration with another granularity than the one that was read last is a mismatch', () => {
  const read = { ...newSeries(PT1M, T), spans: [{ ...newSpan(PT1M, T), position: T + HOUR }] };
  expect(granularityMismatch(configured(read, PT1M))).toBeNull();
  expect(granularityMismatch(configured(read, PT1H))).toBe(
    'the configuration has the granularity PT1H, and PT1M was collected last',
  );
});

/** Returns what a later run would read in hours and days: its first window at each of these granularities. */
function laterBacklogs(state: SeriesState, now: number) {
  return withBacklogs(state, now).backlogs.map(({ resolution, from }) => ({ resolution, from }));
}

describe('a target that nothing has read for days', () => {
  const watermark = T + 25 * MINUTE;
  const now = T + 70 * DAY;
  const left = {
    ...newSeries(PT1M, T - DAY),
    watermark,
    values: { first: T - DAY, last: watermark - MINUTE },
  };
  const stopped = withSpan(left, 0, { position: watermark });
  /** The last responses had no values. */
  const silent = {
    ...withSpan(left, 0, { position: watermark, emptyFrom: T - 3 * HOUR }),
    values: { first: T - DAY, last: T - 4 * HOUR },
  };

  test.each([
    ['stopped', stopped, now],
    ['stopped, and Atlas still has hours', stopped, T + 4 * DAY],
    ['had no values', silent, now],
    ['had no values, and Atlas still has hours', silent, T + 4 * DAY],
  ])('that %s: a backfill reads no interval that a later run reads', (_, state, at) => {
    const readTo = seriesReadTo(state);
    const period = { from: T - 12 * HOUR, to: Math.min(T + 12 * HOUR, readTo) };
    const begun = beginSeries({ substitutedUntil: null }, period, PT1M);
    const { backlogs } = boundedSeries(begun, period, { readTo, now: at });
    const later = laterBacklogs(state, at);
    expect(later.length).toBeGreaterThan(0);
    for (const { resolution, to } of backlogs) {
      for (const { resolution: own, from } of later)
        if (own === resolution) expect(to).toBeLessThanOrEqual(from);
    }
    // Hours and days end where the run that reads the rest of them begins.
    expect(Math.max(...backlogs.map(({ to }) => to), 0)).toBeLessThanOrEqual(readTo);
  });

  test('without values from some time on is read up to there', () => {
    expect(seriesReadTo(stopped)).toBe(watermark);
    expect(seriesReadTo(silent)).toBe(T - 3 * HOUR);
  });

  test('whose values a backfill wrote lacks them no longer', () => {
    const written = { granularity: 'PT1M', ts: T - 2 * HOUR, measurement: 'A' };
    const after = withRows(silent, [written]);
    expect(after.values).toEqual({ first: T - DAY, last: T - 2 * HOUR });
    expect(withBacklogs(after, T + 4 * DAY).backlogs[0]?.from).toBe(T - 2 * HOUR);
  });
});

test('a backlog of which Atlas refused a part is a loss', () => {
  const period = { from: T - 10 * DAY, to: T - 9 * DAY };
  const state = boundedSeries(beginSeries({ substitutedUntil: null }, period, PT1M), period, until(T));
  expect(unreadSeries(state)).toEqual({ losses: [], isWaiting: false });
  const refused = state.backlogs.map((backlog) => ({ ...backlog, refusal: 'refused by Atlas: 404' }));
  expect(unreadSeries({ ...state, backlogs: refused, isWaiting: true })).toEqual({
    losses: [{ ...period, reason: 'refused by Atlas: 404' }],
    isWaiting: true,
  });
});

test('a row stands for its interval, also if its timestamp is some seconds early', () => {
  const written = (granularity: string, ts: number) => ({ granularity, ts, measurement: 'A' });
  expect(intervalOf(written('PT1M', T + 7_000))).toEqual({ from: T, to: T + MINUTE });
  expect(intervalOf(written('PT1H', T - 20_000))).toEqual({ from: T, to: T + HOUR });
});

test('values do not fill a gap of single series', () => {
  expect(canBeFilled('no values at PT1H of single series, requested for 6 hours: A')).toBe(false);
  expect(canBeFilled('no values at PT1H, requested for 6 hours')).toBe(true);
});
