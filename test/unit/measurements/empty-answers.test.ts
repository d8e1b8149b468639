import { describe, expect, test } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { switched } from '../../../shared/measurements/series-changes.ts';
import { newSeries, type SeriesState } from '../../../shared/measurements/series-state.ts';
import type { Window } from '../../../shared/measurements/windows.ts';
import { mergeAnswer } from '../../support/merge-answer.ts';

const PT5M = resolutionOf('PT5M');
const PT1H = resolutionOf('PT1H');
const base = Date.parse('2026-03-02T12:00:00Z');
const TIME = { tick: base, now: base };

function fresh(resolution = PT5M): SeriesState {
  return newSeries(resolution, base);
}

function forward(from: number, to: number, resolution = PT5M): Window {
  return { resolution, from, to, purpose: 'advance', place: 0 };
}

/** Returns a series with a value at one time. */
function valueAt(minutes: number): MeasurementSeries[] {
  return [{ name: 'A', units: 'SCALAR', dataPoints: [{ timestamp: base + minutes * MINUTE, value: 1 }] }];
}

describe('a response without any value', () => {
  const window = forward(base, base + HOUR);
  const later = { tick: base + HOUR, now: base + HOUR };
  const next = forward(base + HOUR, base + 2 * HOUR);

  test('is read once more when there are values again', () => {
    const known = mergeAnswer(fresh(), valueAt(0), forward(base, base + 5 * MINUTE), TIME);
    const empty = mergeAnswer(known.state, [], forward(base + 5 * MINUTE, base + HOUR), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base + 5 * MINUTE, rereadFrom: null });
    const again = mergeAnswer(empty.state, valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base + 5 * MINUTE });
  });

  test('is read once more with the hour before the watermark, in which a series may have been late', () => {
    const known = mergeAnswer(fresh(), valueAt(0), window, TIME);
    const empty = mergeAnswer(known.state, [], forward(base, base + 2 * HOUR), later);
    const latest = { tick: base + 2 * HOUR, now: base + 2 * HOUR };
    const answer = valueAt(120);
    const again = mergeAnswer(empty.state, answer, forward(base + HOUR, base + 3 * HOUR), latest);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });

  test('to a window that is read again counts only while new windows are empty too', () => {
    const reread: Window = { ...forward(base, base + HOUR), purpose: 'reread' };
    const known = mergeAnswer(fresh(), valueAt(0), window, TIME);
    expect(mergeAnswer(known.state, [], reread, later).state.spans[0]).toMatchObject({ emptyFrom: null });
    const empty = mergeAnswer(known.state, [], next, later);
    expect(mergeAnswer(empty.state, [], reread, later).state.spans[0]).toMatchObject({ emptyFrom: base });
  });

  test('to a lookback over the end of a former granularity is read once more too', () => {
    const known = mergeAnswer(fresh(), valueAt(0), window, TIME);
    const changed = switched(known.state, resolutionOf('PT1M'));
    const empty = mergeAnswer(changed, [], { ...window, purpose: 'lookback' }, later);
    expect(empty.state.spans.map(({ emptyFrom }) => emptyFrom)).toEqual([base, null]);
  });

  test('is one that has only values of other hours, because hours are stamped early', () => {
    const answer = valueAt(60 - 10 / 60);
    const empty = mergeAnswer(fresh(PT1H), answer, forward(base, base + HOUR, PT1H), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base });
    const full = mergeAnswer(fresh(PT1H), answer, forward(base + HOUR, base + 2 * HOUR, PT1H), TIME);
    const again = mergeAnswer(full.state, answer, forward(base + HOUR, base + 2 * HOUR, PT1H), later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null });
  });

  test('is read again for a target that never had a value if it came in an earlier run', () => {
    const empty = mergeAnswer(fresh(), [], window, TIME);
    const same = mergeAnswer(empty.state, valueAt(60), next, TIME);
    expect(same.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: null });
    const again = mergeAnswer(empty.state, valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });
});
