import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { isRecent, withoutUnfinished } from '../../../shared/measurements/unfinished.ts';
import { T } from '../../support/times.ts';

const MINUTELY = resolutionOf('PT1M');

const seriesOf = (name: string, points: ReadonlyArray<readonly [age: number, value: number | null]>) => ({
  name,
  units: null,
  dataPoints: points.map(([age, value]) => ({ timestamp: T - age, value })),
});

const agesOf = (...series: ReturnType<typeof seriesOf>[]) =>
  withoutUnfinished(series, MINUTELY, { now: T }).map(({ dataPoints }) =>
    dataPoints.map(({ timestamp }) => T - timestamp),
  );

describe('the newest point of a series', () => {
  test('is held back, whatever the newest points of other series are', () => {
    const early = seriesOf('a', [
      [3 * MINUTE, 1],
      [2 * MINUTE, 2],
      [63 * SECOND, 3],
    ]);
    const late = seriesOf('b', [
      [9 * MINUTE, 1],
      [8 * MINUTE, 2],
    ]);
    expect(agesOf(early, late)).toEqual([[3 * MINUTE, 2 * MINUTE], [9 * MINUTE]]);
  });

  test('is found in any order, and lets a value before a null count as final', () => {
    const series = seriesOf('a', [
      [MINUTE, null],
      [3 * MINUTE, 1],
      [2 * MINUTE, 2],
    ]);
    expect(agesOf(series)).toEqual([[3 * MINUTE, 2 * MINUTE]]);
  });

  test('counts as final when it is old, because the target may have stopped', () => {
    expect(agesOf(seriesOf('a', [[31 * MINUTE, 1]]))).toEqual([[]]);
    expect(agesOf(seriesOf('a', [[32 * MINUTE, 1]]))).toEqual([[32 * MINUTE]]);
    expect(agesOf(seriesOf('a', []))).toEqual([[]]);
  });
});

test('a window is recent as long as its last point may be held back', () => {
  const endsAt = (to: number, granularity: string) =>
    isRecent({ to, resolution: resolutionOf(granularity) }, { now: T });
  expect(endsAt(T - 2 * MINUTE, 'PT1M')).toBe(true);
  expect(endsAt(T - 32 * MINUTE, 'PT1M')).toBe(false);
  expect(endsAt(T - HOUR, 'PT1H')).toBe(true);
});
