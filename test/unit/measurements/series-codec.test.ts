import { describe, expect, test } from 'vitest';
import { diskMeasurementsDataset } from '../../../functions/disk-measurements/collector.ts';
import { searchMeasurementsDataset } from '../../../functions/search-measurements/collector.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { type KnownPoints, packInstants, unpackInstants } from '../../../shared/measurements/instants.ts';
import { fitted } from '../../../shared/measurements/series-changes.ts';
import { decodeSeries, encodeSeries } from '../../../shared/measurements/series-codec.ts';
import { seriesLimits, seriesSizeBound } from '../../../shared/measurements/series-limits.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import { mergeResponse } from '../../support/merge-response.ts';

const PT5M = resolutionOf('PT5M');
const PT1M = resolutionOf('PT1M');

const LIMITS = seriesLimits(PT1M, 12);
const sizeBound = (state: SeriesState) => seriesSizeBound(state, LIMITS);

const base = Date.parse('2026-03-02T12:00:00Z');

function known(minutes: number[], names: string[]): KnownPoints {
  const set = packInstants(minutes.map((minute) => base + minute * MINUTE));
  return new Map(names.map((name) => [name, set]));
}

function stateWith(points: KnownPoints): SeriesState {
  const state = withSpan(newSeries(PT5M, base), 0, { position: base + HOUR, known: points });
  return { ...state, watermark: base + HOUR, values: { first: base, last: base + 40 * MINUTE } };
}

function marksOf(states: ReadonlyMap<string, SeriesState>): Map<string, number> {
  return new Map([...states].map(([name, { watermark }]) => [name, watermark]));
}

describe('storing series', () => {
  test('decodes what it encoded, with former spans and backlogs', () => {
    const orders = stateWith(known([0, 20, 40], ['A', 'B']));
    const [span] = orders.spans;
    if (!span) throw new Error('no span');
    const backlog = {
      resolution: resolutionOf('PT1H'),
      from: base - 9 * HOUR,
      to: base,
      position: base - HOUR,
      firstRequestedAt: null,
      lastRequestedAt: base,
      again: base - 3 * HOUR,
      refusal: 'refused',
      known: known([-300], ['B']),
    };
    const former = {
      ...span,
      resolution: PT1M,
      to: base,
      intervals: known([1], ['C']),
      rereadFrom: base - HOUR,
    };
    const states = new Map([
      ['orders', { ...orders, spans: [former, span], backlogs: [backlog] }],
      ['__proto__', stateWith(known([5], ['B', 'C']))],
    ]);
    expect(decodeSeries(encodeSeries(PT5M, states), marksOf(states))).toEqual(states);
  });

  test('stores equal sets once', () => {
    const stored = encodeSeries(
      PT5M,
      new Map([
        ['a', stateWith(known([0], ['A', 'B']))],
        ['b', stateWith(known([0], ['A']))],
      ]),
    );
    expect(stored).toMatchObject({ sets: [expect.any(Uint8Array)] });
  });

  test('never takes more bytes than its bound', () => {
    const names = Array.from({ length: 50 }, (_, number) => `NAME_${number}`);
    const state = stateWith(
      new Map(names.map((name, number) => [name, packInstants([base + number, base + 7 * number + 90_001])])),
    );
    expect(JSON.stringify(encodeSeries(PT5M, new Map([['a', state]]))).length).toBeLessThan(
      // In JSON, the bytes of a set are numbers with names.
      12 * sizeBound(state),
    );
  });
});

/** Returns what earlier versions stored: a ring of bits, one for each interval of the retention. */
function bitmap(resolution: typeof PT5M, intervals: number[]): Uint8Array {
  const places = resolution.retention / resolution.interval;
  const bits = new Uint8Array(places / 8);
  for (const interval of intervals) {
    const place = Math.floor((base + interval * resolution.interval) / resolution.interval) % places;
    bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  }
  return bits;
}

describe('series that were stored as bitmaps', () => {
  const watermark = base + 3 * HOUR;
  const stored = {
    granularity: 'PT5M',
    measurements: ['A', 'B'],
    sets: [bitmap(PT5M, [0, 4, 35])],
    targets: [
      { name: 'orders', fine_from: base - 40 * HOUR, rechecked_to: base, reread_from: null, series: [0, -1] },
    ],
  };

  test('treat their intervals as known completely', () => {
    const state = decodeSeries(stored, new Map([['orders', watermark]])).get('orders');
    if (!state) throw new Error('not decoded');
    const set = state.spans[0]?.intervals.get('A');
    expect(set && unpackInstants(set)).toEqual([base, base + 20 * MINUTE, base + 175 * MINUTE]);
    expect(state.spans[0]).toMatchObject({
      position: watermark,
      from: base - 40 * HOUR,
      finallyCheckedTo: base,
    });
    const stamps = [0, 2, 20, 24.9, 25, 175, 180].map((minute) => base + minute * MINUTE);
    const dataPoints = stamps.map((timestamp) => ({ timestamp, value: 1 }));
    const window = {
      resolution: PT5M,
      from: base,
      to: base + 4 * HOUR,
      purpose: 'advance',
      place: 0,
    } as const;
    const { points } = mergeResponse(state, [{ name: 'A', units: null, dataPoints }], window, {
      tick: watermark,
      now: watermark,
    });
    expect(points.map(({ timestamp }) => (timestamp - base) / MINUTE)).toEqual([25, 180]);
  });

  test('are stored in the present form after that, and age out', () => {
    const watermarks = new Map([['orders', watermark]]);
    const state = decodeSeries(encodeSeries(PT5M, decodeSeries(stored, watermarks)), watermarks).get(
      'orders',
    );
    if (!state) throw new Error('not decoded');
    expect(state.spans[0]?.intervals.size).toBe(1);
    const later = base + 60 * HOUR;
    const window = { resolution: PT5M, from: later, to: later + HOUR, purpose: 'advance', place: 0 } as const;
    const answer = [{ name: 'A', units: null, dataPoints: [{ timestamp: later, value: 1 }] }];
    expect(
      mergeResponse(state, answer, window, { tick: later, now: later }).state.spans[0]?.intervals.size,
    ).toBe(0);
  });
});

describe('a target whose points take too much space', () => {
  test('forgets the oldest points, and does not read them again', () => {
    const random = (seed: number) => (Math.sin(seed) * 10_000) % 1;
    const names = Array.from({ length: 40 }, (_, number) => `SERIES_${number}`);
    const jitter = (series: number) =>
      Array.from(
        { length: 2880 },
        (_, minute) => base + minute * MINUTE + Math.floor(Math.abs(random(series * 3000 + minute)) * 50_000),
      );
    const full = withSpan(newSeries(PT1M, base), 0, {
      position: base + 48 * HOUR,
      known: new Map(names.map((name, number) => [name, packInstants(jitter(number))])),
    });
    const { state, shortened } = fitted(full, LIMITS.bytes, sizeBound);
    expect(shortened).toBe(true);
    expect(sizeBound(state)).toBeLessThanOrEqual(LIMITS.bytes);
    expect(state.spans[0]?.from).toBeGreaterThan(base);
    expect(state.spans[0]?.from).toBeLessThanOrEqual(base + 48 * HOUR);
  });

  test('keeps all points when its series have the same stamps, however these jitter', () => {
    const stamps = Array.from(
      { length: 2880 },
      (_, minute) => base + minute * MINUTE + ((minute * 7) % 41) * 1000,
    );
    const set = packInstants(stamps);
    const state = withSpan(newSeries(PT1M, base), 0, {
      position: base + 48 * HOUR,
      known: new Map(Array.from({ length: 21 }, (_, number) => [`SERIES_${number}`, set])),
    });
    expect(fitted(state, LIMITS.bytes, sizeBound).shortened).toBe(false);
  });
});

describe('up to when a series is covered', () => {
  const covered = (dataset: typeof diskMeasurementsDataset, state: SeriesState) => {
    const states = new Map([['a', state]]);
    return dataset.withCodec(dataset.defaults, (codec) => {
      const stored = encodeSeries(PT5M, states);
      const [decoded] = codec.decode(stored, marksOf(states), codec.stateVersion, 'host').values();
      return decoded && codec.coveredTo?.(decoded);
    });
  };
  const state = stateWith(known([0, 20, 40], ['A']));
  const silent = withSpan(state, 0, { emptyFrom: base + 40 * MINUTE });

  test('is its watermark while Atlas returns values', () => {
    expect(covered(diskMeasurementsDataset, state)).toBe(base + HOUR);
  });

  test('is its last value when Atlas returns no values any more', () => {
    expect(covered(diskMeasurementsDataset, silent)).toBe(base + 40 * MINUTE);
  });

  test('is unknown if Atlas never returned a value', () => {
    expect(covered(diskMeasurementsDataset, { ...silent, values: null })).toBeNull();
  });

  test('is unknown for Atlas Search, which most processes do not run', () => {
    expect(covered(searchMeasurementsDataset, state)).toBeNull();
  });
});
