import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { unpackInstants } from '../../../shared/measurements/instants.ts';
import {
  beginSeries,
  boundedSeries,
  granularityMismatch,
  intervalMarker,
  isAtOneResolution,
  withRows,
} from '../../../shared/measurements/rereading.ts';
import { newSeries, newSpan } from '../../../shared/measurements/series-state.ts';
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

test('a period that Atlas has dropped at the fine granularity is read as hours and days, up to its end', () => {
  const period = { from: T - 70 * DAY, to: T - 60 * DAY };
  const state = boundedSeries(beginSeries({ substitutedUntil: null }, period, PT1M), period, T);
  expect(state.backlogs.map(({ resolution, from, to }) => [resolution.granularity, from, to])).toEqual([
    ['P1D', Math.floor(period.from / DAY) * DAY, T - 62.5 * DAY],
    ['PT1H', T - 62.5 * DAY, period.to],
  ]);
  // Later, when more has been dropped, nothing beyond the period is added.
  const later = boundedSeries(state, period, T + DAY);
  expect(later.backlogs.every(({ to }) => to <= period.to)).toBe(true);
});

test('a period that Atlas has at the fine granularity has no backlogs', () => {
  const period = { from: T - DAY, to: T };
  expect(boundedSeries(beginSeries({ substitutedUntil: null }, period, PT1M), period, T)).toMatchObject({
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

test('a configuration with another granularity than the one that was read last is a mismatch', () => {
  const read = { ...newSeries(PT1M, T), spans: [{ ...newSpan(PT1M, T), position: T + HOUR }] };
  expect(granularityMismatch(configured(read, PT1M))).toBeNull();
  expect(granularityMismatch(configured(read, PT1H))).toBe(
    'the configuration has the granularity PT1H, and PT1M was collected last',
  );
});
