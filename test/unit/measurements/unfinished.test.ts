import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import {
  endBefore,
  endBeyond,
  isRecent,
  withoutUnfinished,
} from '../../../shared/measurements/unfinished.ts';
import { T } from '../../support/times.ts';

const MINUTELY = resolutionOf('PT1M');

const seriesOf = (name: string, points: ReadonlyArray<readonly [age: number, value: number | null]>) => ({
  name,
  units: null,
  dataPoints: points.map(([age, value]) => ({ timestamp: T - age, value })),
});

const READ = { settle: 90 * SECOND, now: T };

const agesOf = (series: ReturnType<typeof seriesOf>[], read = READ, resolution = MINUTELY) =>
  withoutUnfinished(series, resolution, read).series.map(({ dataPoints }) =>
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
    expect(agesOf([early, late])).toEqual([[3 * MINUTE, 2 * MINUTE], [9 * MINUTE]]);
    expect(withoutUnfinished([early, late], MINUTELY, READ).heldBack).toBe(T - 8 * MINUTE);
  });

  test('is found in any order, and lets a value before a null count as final', () => {
    const series = seriesOf('a', [
      [MINUTE, null],
      [3 * MINUTE, 1],
      [2 * MINUTE, 2],
    ]);
    expect(agesOf([series])).toEqual([[3 * MINUTE, 2 * MINUTE]]);
  });

  test('counts as final when it is old, because the target may have stopped', () => {
    expect(agesOf([seriesOf('a', [[6 * HOUR, 1]])])).toEqual([[]]);
    expect(agesOf([seriesOf('a', [[7 * HOUR, 1]])])).toEqual([[7 * HOUR]]);
    expect(withoutUnfinished([seriesOf('a', [[7 * HOUR, 1]])], MINUTELY, READ).heldBack).toBeNull();
    expect(agesOf([seriesOf('a', [])])).toEqual([[]]);
  });
});

describe('a point whose timestamp is earlier than its interval', () => {
  // Stamped half a minute before five minutes that have just ended.
  const series = seriesOf('a', [
    [10.5 * MINUTE, 1],
    [5.5 * MINUTE, 2],
    [0.5 * MINUTE, 3],
  ]);
  const five = resolutionOf('PT5M');

  test('is held back until its interval has settled, although there is a later one', () => {
    expect(agesOf([series], READ, five)).toEqual([[10.5 * MINUTE]]);
    expect(agesOf([series], { ...READ, settle: 89 * SECOND }, five)).toEqual([[10.5 * MINUTE, 5.5 * MINUTE]]);
  });
});

describe('a window', () => {
  const endingAt = (to: number, granularity: string) => ({ to, resolution: resolutionOf(granularity) });

  test('is recent as long as its last point may be held back', () => {
    expect(isRecent(endingAt(T - 2 * MINUTE, 'PT1M'), { now: T })).toBe(true);
    expect(isRecent(endingAt(T - 6 * HOUR - 2 * MINUTE, 'PT1M'), { now: T })).toBe(false);
    expect(isRecent(endingAt(T - 6.5 * HOUR, 'PT1H'), { now: T })).toBe(true);
  });

  test('is requested with two more intervals, at most up to the next minute, in whole seconds', () => {
    expect(endBeyond(endingAt(T - HOUR, 'PT5M'), T)).toBe(T - HOUR + 12 * MINUTE);
    expect(endBeyond(endingAt(T - 2 * MINUTE, 'PT1M'), T + 1)).toBe(T + MINUTE);
  });

  test('ends before a point that is held back, also when its timestamp is early', () => {
    const window = { purpose: 'advance', place: 0, from: T - 5 * HOUR, to: T } as const;
    const minutes = { ...window, resolution: resolutionOf('PT5M') };
    expect(endBefore(minutes, T - 62 * MINUTE)).toBe(T - 65 * MINUTE);
    const hours = { ...window, resolution: resolutionOf('PT1H') };
    expect(endBefore(hours, T - 2 * HOUR - 20 * SECOND)).toBe(T - 2 * HOUR);
    expect(endBefore(hours, T - 9 * HOUR)).toBe(T - 5 * HOUR);
    expect(endBefore(hours, T + HOUR)).toBe(T);
  });
});
