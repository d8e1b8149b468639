import { describe, expect, test } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { ladder } from '../../../shared/collection/granularity.ts';
import { absorb, type SeriesState, skipped } from '../../../shared/collection/series.ts';
import { decodeSeries, encodeSeries, seriesSizeBound } from '../../../shared/collection/series-codec.ts';
import type { Window } from '../../../shared/collection/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const levels = ladder('PT5M');
const base = Date.parse('2026-03-02T12:00:00Z');

function fresh(mark: number): SeriesState {
  return { mark, fineFrom: 0, recheckedTo: mark, rereadFrom: null, series: new Map(), reachedIn: null };
}

function forward(from: number, to: number): Window {
  return { level: levels.fine, from, to, purpose: 'forward' };
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

describe('taking an answer in', () => {
  test('a series without a value in the whole retention is forgotten, and too many are refused', () => {
    const named = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, number) => series(`${prefix}${number}`, [[0, number]]));
    const window = forward(base, base + 5 * MINUTE);
    const first = absorb(fresh(base), named(30, 'A'), window, levels, 0, base);
    expect(() => absorb(first.state, named(30, 'B'), window, levels, 0, base)).toThrow(/more than 50 series/);
    const later = base + 49 * 60 * MINUTE;
    const much = forward(later, later + 5 * MINUTE);
    const second = absorb(first.state, [series('A0', [[49 * 60, 1]])], much, levels, 0, later);
    expect([...second.state.series.keys()]).toEqual(['A0']);
  });

  test('a measurement that is named twice is one series', () => {
    const answer = [series('A', [[0, 1]]), series('B', [[0, 2]]), series('A', [[5, 3]])];
    const { points } = absorb(fresh(base), answer, forward(base, base + 10 * MINUTE), levels, 0, base);
    expect(points.map(({ measurement, value }) => [measurement, value])).toEqual([
      ['A', 1],
      ['A', 3],
      ['B', 2],
    ]);
  });

  test('nulls and points outside the window are no values', () => {
    const answer = [
      series('A', [
        [-5, 1],
        [0, null],
        [5, 2],
        [10, 3],
      ]),
    ];
    const { points, state } = absorb(fresh(base), answer, forward(base, base + 10 * MINUTE), levels, 0, base);
    expect(points).toEqual([{ measurement: 'A', units: 'SCALAR', timestamp: base + 5 * MINUTE, value: 2 }]);
    expect(state.mark).toBe(base + 10 * MINUTE);
  });

  test('a value that was null is taken later, once, and the first value of a granule stands', () => {
    const window = forward(base, base + 15 * MINUTE);
    const first = absorb(
      fresh(base),
      [
        series('A', [
          [0, 1],
          [5, null],
          [10, 3],
        ]),
      ],
      window,
      levels,
      0,
      base,
    );
    const again = forward(base, base + 20 * MINUTE);
    const filled = [
      series('A', [
        [0, 9],
        [5, 2],
        [10, 9],
        [15, 4],
      ]),
    ];
    const second = absorb(first.state, filled, again, levels, 0, base);
    expect(minutesOf(second.points)).toEqual([5, 15]);
    const third = absorb(second.state, filled, again, levels, 0, base);
    expect(third.points).toEqual([]);
  });

  test('a series that is seen for the first time brings what it has', () => {
    const window = forward(base, base + 10 * MINUTE);
    const first = absorb(
      fresh(base),
      [
        series('A', [
          [0, 1],
          [5, 1],
        ]),
      ],
      window,
      levels,
      0,
      base,
    );
    const both = [
      series('A', [
        [0, 1],
        [5, 1],
      ]),
      series('B', [
        [0, 2],
        [5, 2],
      ]),
    ];
    const second = absorb(first.state, both, window, levels, 0, base);
    expect(second.points.map(({ measurement }) => measurement)).toEqual(['B', 'B']);
  });

  test.each(['recheck', 'reread'] as const)(
    'a series that shows up in a window of another purpose (%s) is looked for as well, once',
    (purpose) => {
      const known = absorb(fresh(base), [series('A', [[0, 1]])], forward(base, base + HOUR), levels, 0, base);
      const state = { ...known.state, fineFrom: base - 40 * HOUR, reachedIn: null };
      const window: Window = { level: levels.fine, from: base - 40 * HOUR, to: base - 34 * HOUR, purpose };
      const both = [series('A', [[-35 * 60, 1]]), series('B', [[-35 * 60, 2]])];
      const first = absorb(state, both, window, levels, 0, base + HOUR);
      expect(first.state.rereadFrom).toBe(base - 40 * HOUR);
      const again = absorb({ ...first.state, rereadFrom: null }, both, window, levels, 0, base + HOUR);
      expect(again.state.rereadFrom ?? window.to).toBe(window.to);
    },
  );

  test('a series that shows up beside others is looked for in what lies before, those that begin together are not', () => {
    const window = forward(base, base + 10 * MINUTE);
    const first = absorb(
      fresh(base),
      [
        series('A', [
          [0, 1],
          [5, 1],
        ]),
        series('B', []),
      ],
      window,
      levels,
      0,
      base,
    );
    expect(first.state.rereadFrom).toBeNull();
    const next = forward(base, base + 15 * MINUTE);
    const both = [series('A', [[10, 1]]), series('B', [[10, 2]])];
    const second = absorb({ ...first.state, fineFrom: base - HOUR }, both, next, levels, 0, base);
    expect(second.state.rereadFrom).toBe(base - HOUR);
    // Within one run, the windows before this one have just been read.
    const sameRun = absorb({ ...first.state, reachedIn: base }, both, next, levels, 0, base);
    expect(sameRun.state.rereadFrom).toBeNull();
  });

  test('timestamps need not be aligned: two in one granule of one answer are two values, a repeated one is one', () => {
    const answer = [
      series('A', [
        [0.5, 1],
        [3.5, 2],
        [3.5, 2],
      ]),
    ];
    const { points } = absorb(fresh(base), answer, forward(base, base + 5 * MINUTE), levels, 0, base);
    expect(minutesOf(points)).toEqual([0.5, 3.5]);
  });

  test('the place of a granule is free again after the retention', () => {
    let state = fresh(base);
    for (let hour = 0; hour < 100; hour += 5) {
      const window = forward(base + hour * HOUR, base + (hour + 5) * HOUR);
      const points: Array<[number, number]> = Array.from({ length: 60 }, (_, i) => [hour * 60 + i * 5, i]);
      const taken = absorb(state, [series('A', points)], window, levels, 0, base);
      expect(taken.points).toHaveLength(60);
      state = taken.state;
    }
    // What lies within the retention is still known: 48 hours back from hour 100.
    const known = absorb(
      state,
      [
        series('A', [
          [53 * 60, 1],
          [99 * 60, 1],
        ]),
      ],
      { ...forward(base + 52 * HOUR, base + 100 * HOUR), purpose: 'recheck' },
      levels,
      0,
      base,
    );
    expect(known.points).toEqual([]);
  });

  test('a span that is skipped leaves its granules free', () => {
    const window = forward(base, base + 5 * MINUTE);
    const { state } = absorb(fresh(base), [series('A', [[0, 1]])], window, levels, 0, base);
    const later = skipped(state, base + 48 * HOUR + 5 * MINUTE, levels.fine);
    const next = forward(base + 48 * HOUR, base + 48 * HOUR + 5 * MINUTE);
    expect(absorb(later, [series('A', [[48 * 60, 1]])], next, levels, 0, base).points).toHaveLength(1);
  });

  test('coarse points leave the fine granules free and move where fine ones start', () => {
    const hour = levels.coarser[0];
    if (!hour) throw new Error('no coarser level');
    const window: Window = { level: hour, from: base, to: base + 2 * HOUR, purpose: 'forward' };
    const answer = [
      series('A', [
        [0, 1],
        [60, 2],
        [120, 3],
      ]),
    ];
    const now = base + 30 * HOUR;
    const { points, state } = absorb(fresh(base + 20 * MINUTE), answer, window, levels, 30 * MINUTE, now);
    expect(minutesOf(points)).toEqual([0, 60]);
    expect(state).toMatchObject({
      mark: base + 2 * HOUR,
      fineFrom: base + 2 * HOUR,
      recheckedTo: base + 2 * HOUR - 30 * MINUTE,
    });
    expect(state.series.size).toBe(0);
  });
});

describe('storing series', () => {
  const filled = (minutes: number[], names: string[]): SeriesState =>
    absorb(
      fresh(base),
      names.map((name) =>
        series(
          name,
          minutes.map((minute) => [minute, 1]),
        ),
      ),
      forward(base, base + HOUR),
      levels,
      0,
      base,
    ).state;

  test('what is stored is read back', () => {
    const states = new Map([
      ['orders', filled([0, 20, 40], ['A', 'B'])],
      ['__proto__', filled([5], ['B', 'C'])],
    ]);
    const decoded = decodeSeries(levels.fine, encodeSeries(levels.fine, states));
    expect([...(decoded?.keys() ?? [])]).toEqual(['orders', '__proto__']);
    for (const [name, { mark: _, ...state }] of states) expect(decoded?.get(name)).toEqual(state);
  });

  test('equal sets are stored once', () => {
    const stored = encodeSeries(
      levels.fine,
      new Map([
        ['a', filled([0], ['A', 'B'])],
        ['b', filled([0], ['A'])],
      ]),
    );
    expect(stored).toMatchObject({ sets: [expect.any(Uint8Array)] });
  });

  test('what was stored for another granularity is not taken for this one', () => {
    const stored = encodeSeries(levels.fine, new Map([['a', filled([0], ['A'])]]));
    expect(decodeSeries(ladder('PT1M').fine, stored)).toBeUndefined();
  });

  test('a set takes 72 bytes at PT5M and 360 at PT1M', () => {
    const state = filled([0], ['A']);
    expect(state.series.get('A')).toHaveLength(72);
    expect(seriesSizeBound(levels.fine, state)).toBeGreaterThan(72);
    const minute = ladder('PT1M');
    const window: Window = { level: minute.fine, from: base, to: base + HOUR, purpose: 'forward' };
    const answer = [series('A', [[0, 1]])];
    expect(absorb(fresh(base), answer, window, minute, 0, base).state.series.get('A')).toHaveLength(360);
  });
});
