import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { unpackInstants } from '../../../shared/measurements/instants.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import type { Window } from '../../../shared/measurements/windows.ts';
import { mergeResponse } from '../../support/merge-response.ts';

const PT5M = resolutionOf('PT5M');
const PT1M = resolutionOf('PT1M');
const base = Date.parse('2026-03-02T12:00:00Z');
const TIME = { tick: base, now: base };

function fresh(watermark: number, from = watermark, resolution = PT5M): SeriesState {
  return {
    ...withSpan(newSeries(resolution, from), 0, { position: watermark, finallyCheckedTo: watermark }),
    watermark,
  };
}

function advance(from: number, to: number, resolution = PT5M): Window {
  return { resolution, from, to, purpose: 'advance', place: 0 };
}

function series(name: string, points: Array<[minutes: number, value: number | null]>): MeasurementSeries {
  return {
    name,
    units: 'SCALAR',
    dataPoints: points.map(([minutes, value]) => ({ timestamp: base + minutes * MINUTE, value })),
  };
}

function minutesOf(points: ReadonlyArray<{ timestamp: number }>): number[] {
  return points.map(({ timestamp }) => (timestamp - base) / MINUTE);
}

function namesOf(state: SeriesState): string[] {
  return [...(state.spans[0]?.known.keys() ?? [])];
}

test('too many series are refused, and a series without a value in the whole retention is forgotten', () => {
  const named = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, number) => series(`${prefix}${number}`, [[0, number]]));
  const window = advance(base, base + 5 * MINUTE);
  const first = mergeResponse(fresh(base), named(30, 'A'), window, TIME);
  expect(() => mergeResponse(first.state, named(30, 'B'), window, TIME)).toThrow(/more than 50 series/);
  const later = base + 49 * HOUR;
  const second = mergeResponse(
    first.state,
    [series('A0', [[49 * 60, 1]])],
    advance(later, later + 5 * MINUTE),
    TIME,
  );
  expect(namesOf(second.state)).toEqual(['A0']);
});

test('a measurement that is named twice is one series', () => {
  const answer = [series('A', [[0, 1]]), series('B', [[0, 2]]), series('A', [[5, 3]])];
  const { points } = mergeResponse(fresh(base), answer, advance(base, base + 10 * MINUTE), TIME);
  expect(points.map(({ measurement, value }) => [measurement, value])).toEqual([
    ['A', 1],
    ['A', 3],
    ['B', 2],
  ]);
});

test('nulls and points outside the window are not values', () => {
  const answer = series('A', [
    [-5, 1],
    [0, null],
    [5, 2],
    [10, 3],
  ]);
  const { points, state } = mergeResponse(fresh(base), [answer], advance(base, base + 10 * MINUTE), TIME);
  expect(points).toEqual([{ measurement: 'A', units: 'SCALAR', timestamp: base + 5 * MINUTE, value: 2 }]);
  expect(state.watermark).toBe(base + 10 * MINUTE);
});

test('a value that was null is written later, once, and the first value of a point stays', () => {
  const window = advance(base, base + 15 * MINUTE);
  const nulled = series('A', [
    [0, 1],
    [5, null],
    [10, 3],
  ]);
  const first = mergeResponse(fresh(base), [nulled], window, TIME);
  const filled = series('A', [
    [0, 9],
    [5, 2],
    [10, 9],
    [15, 4],
  ]);
  const again = advance(base, base + 20 * MINUTE);
  const second = mergeResponse(first.state, [filled], again, TIME);
  expect(minutesOf(second.points)).toEqual([5, 15]);
  expect(mergeResponse(second.state, [filled], again, TIME).points).toEqual([]);
});

describe('points of one interval', () => {
  test('are each kept, even when the second is filled later', () => {
    const second = (value: number | null) =>
      series('X', [
        [0, 1],
        [1, 2],
        [1 + 59 / 60, value],
        [2 + 59 / 60, 4],
      ]);
    const window = advance(base, base + 4 * MINUTE, PT1M);
    const first = mergeResponse(fresh(base, base, PT1M), [second(null)], window, TIME);
    const again = mergeResponse(first.state, [second(3)], { ...window, to: base + 5 * MINUTE }, TIME);
    expect(first.points.map(({ value }) => value)).toEqual([1, 2, 4]);
    expect(again.points.map(({ value }) => value)).toEqual([3]);
  });

  test('are each kept once, in any number, at any offset and in any order', () => {
    const stamps = fc.uniqueArray(fc.integer({ min: 0, max: HOUR - 1 }), {
      minLength: 1,
      maxLength: 40,
    });
    const shown = fc.array(fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 40 }), { maxLength: 6 });
    const window = advance(base, base + HOUR, PT1M);
    fc.assert(
      fc.property(stamps, shown, (all, answers) => {
        let state = fresh(base, base, PT1M);
        const taken: number[] = [];
        for (const places of [...answers, all.map((_, place) => place)]) {
          const dataPoints = places.flatMap((place) => {
            const stamp = all[place];
            return stamp === undefined ? [] : [{ timestamp: base + stamp, value: stamp }];
          });
          const step = mergeResponse(state, [{ name: 'X', units: null, dataPoints }], window, TIME);
          taken.push(...step.points.map(({ value }) => value));
          state = step.state;
        }
        expect(taken.sort((a, b) => a - b)).toEqual([...all].sort((a, b) => a - b));
      }),
    );
  });

  test('count each in one response, and a repeated one counts once', () => {
    const answer = series('A', [
      [0.5, 1],
      [3.5, 2],
      [3.5, 2],
    ]);
    const { points } = mergeResponse(fresh(base), [answer], advance(base, base + 5 * MINUTE), TIME);
    expect(minutesOf(points)).toEqual([0.5, 3.5]);
  });
});

describe('a series that appears', () => {
  const window = advance(base, base + 10 * MINUTE);
  const both = (minute: number) => [series('A', [[minute, 1]]), series('B', [[minute, 2]])];

  test('brings its values in the window', () => {
    const first = mergeResponse(fresh(base), [series('A', [[0, 1]])], window, TIME);
    const second = mergeResponse(first.state, both(0), window, TIME);
    expect(second.points.map(({ measurement }) => measurement)).toEqual(['B']);
  });

  test.each(['advance', 'final-check', 'reread', 'lookback'] as const)(
    'in a window of any purpose (%s) is read again once in the time before',
    (purpose) => {
      const from = base - 40 * HOUR;
      const known = mergeResponse(
        fresh(base, from),
        [series('A', [[0, 1]])],
        advance(base, base + HOUR),
        TIME,
      );
      const state = withSpan(known.state, 0, { startPosition: null });
      const later: Window = { resolution: PT5M, from, to: from + 6 * HOUR, purpose, place: 0 };
      const answer = both(-35 * 60);
      const first = mergeResponse(state, answer, later, TIME);
      expect(first.state.spans[0]?.rereadFrom).toBe(from);
      const again = mergeResponse(withSpan(first.state, 0, { rereadFrom: null }), answer, later, TIME);
      expect(again.state.spans[0]?.rereadFrom ?? later.to).toBe(later.to);
    },
  );

  test('together with all others is not read again, because they start together', () => {
    const first = mergeResponse(fresh(base, base - HOUR), both(0), window, TIME);
    expect(first.state.spans[0]?.rereadFrom).toBeNull();
  });

  test('in the second window of a run is not read again in the first, which was just read', () => {
    const first = mergeResponse(fresh(base, base - HOUR), [series('A', [[0, 1]])], window, TIME);
    const next = mergeResponse(first.state, both(10), advance(base, base + 15 * MINUTE), TIME);
    expect(next.state.spans[0]?.rereadFrom).toBeNull();
  });
});

test('points are remembered for one retention before the newest value, whatever the clock shows', () => {
  let state = fresh(base);
  for (let hour = 0; hour < 100; hour += 5) {
    const window = advance(base + hour * HOUR, base + (hour + 5) * HOUR);
    const points: Array<[number, number]> = Array.from({ length: 60 }, (_, i) => [hour * 60 + i * 5, i]);
    const taken = mergeResponse(state, [series('A', points)], window, { tick: base, now: base + 900 * HOUR });
    expect(taken.points).toHaveLength(60);
    state = taken.state;
  }
  const set = state.spans[0]?.known.get('A');
  const known = set ? unpackInstants(set) : [];
  expect(known.at(-1)).toBe(base + 100 * HOUR - 5 * MINUTE);
  expect(known[0]).toBeLessThanOrEqual(base + 52 * HOUR);
  expect(known[0]).toBeGreaterThan(base + 51 * HOUR);
});

test('hours that are stamped some seconds early belong to the following hour', () => {
  const hours = resolutionOf('PT1H');
  const answer = series('A', [
    [-10 / 60, 1],
    [60 - 10 / 60, 2],
    [120 - 10 / 60, 3],
  ]);
  const { points } = mergeResponse(
    fresh(base, base, hours),
    [answer],
    advance(base, base + 2 * HOUR, hours),
    TIME,
  );
  expect(points.map(({ value }) => value)).toEqual([1, 2]);
});
