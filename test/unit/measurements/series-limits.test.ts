import { describe, expect, test } from 'vitest';
import { MAX_MEASUREMENT_LENGTH, MAX_NAME_LENGTH } from '../../../shared/atlas/api.ts';
import { MAX_VALUES, textOf } from '../../../shared/atlas/body.ts';
import { itemOf, putWithinLimits } from '../../../shared/cursors/dynamodb-limits.ts';
import { SECOND } from '../../../shared/durations.ts';
import { targetsPerItem } from '../../../shared/engine/cursor-codec.ts';
import {
  FINE_GRANULARITIES,
  type Resolution,
  resolutionOf,
} from '../../../shared/measurements/granularity.ts';
import { packInstants } from '../../../shared/measurements/instants.ts';
import { encodeSeries } from '../../../shared/measurements/series-codec.ts';
import { seriesLimits, seriesSizeBound } from '../../../shared/measurements/series-limits.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import { lead, widest } from '../../../shared/measurements/windows.ts';

const base = Date.parse('2026-03-02T12:00:00Z');

/** The targets per item that sources declare, with the number of series that Atlas has of them. */
const SOURCES = [
  { targets: 24, series: 9 },
  { targets: 12, series: 21 },
  { targets: 1, series: 141 },
];
const CASES = SOURCES.flatMap((source) =>
  FINE_GRANULARITIES.map((granularity) => ({ ...source, granularity, fine: resolutionOf(granularity) })),
);

/** Returns a state with as many series as allowed, with the longest names. Each has its own known points. */
function fullest(fine: Resolution, series: number, target: number): SeriesState {
  const bits = Math.ceil(fine.retention / fine.interval / 8);
  const known = new Map(
    Array.from({ length: series }, (_, number) => {
      // The first bytes of a set are its unit and its first instant. Irregular distances take a byte each.
      const first = base + (target * series + number) * SECOND;
      const stamps = Array.from(
        { length: bits - 6 },
        (_, place) => first + place * 20_000 + (place % 3) * SECOND,
      );
      return [`${number}`.padEnd(MAX_MEASUREMENT_LENGTH, 'X'), packInstants(stamps)];
    }),
  );
  return withSpan(newSeries(fine, base), 0, { position: base, known });
}

describe.each(CASES)('$targets targets in an item, at $granularity', ({ targets, series, fine }) => {
  const limits = seriesLimits(fine, targets);

  test('may have more than twice as many series as Atlas has', () => {
    expect(limits.series).toBeGreaterThan(2 * series);
  });

  test('fit into an item with the longest names and as many series as allowed', () => {
    const names = Array.from({ length: targets }, (_, number) => `${number}`.padEnd(MAX_NAME_LENGTH, 'n'));
    const states = new Map(names.map((name, number) => [name, fullest(fine, limits.series, number)]));
    for (const state of states.values())
      expect(seriesSizeBound(state, limits)).toBeLessThanOrEqual(limits.bytes);
    expect(targetsPerItem({ largestState: limits.bytes })).toBe(targets);
    const keys = { pk: { S: 'dataset#project' }, sk: { S: 'cursor' } };
    const item = itemOf(keys, { content: { states: encodeSeries(fine, states) } });
    expect(() => putWithinLimits({ Item: item })).not.toThrow();
  });

  test('have few enough values in the largest response', async () => {
    const points = Math.ceil((widest(fine) + lead(fine)) / fine.interval) + 2;
    const point = '{"timestamp":"2026-03-02T12:00:00Z","value":0.25}';
    const one = `{"dataPoints":[${Array(points).fill(point).join(',')}],"name":"A","units":"SCALAR"}`;
    const marks = (text: string) => (text.match(/[{[,]/g) ?? []).length;
    expect(limits.series * (marks(one) + 1)).toBeLessThan(MAX_VALUES);
    const body = Buffer.from(`{"measurements":[${Array(series).fill(one).join(',')}]}`);
    expect((await textOf(body, '')).length).toBe(body.length);
  });
});
