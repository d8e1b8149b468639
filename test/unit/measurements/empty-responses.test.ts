import { describe, expect, test } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { switched } from '../../../shared/measurements/series-changes.ts';
import { newSeries, type SeriesState } from '../../../shared/measurements/series-state.ts';
import type { Window } from '../../../shared/measurements/windows.ts';
import { mergeResponse } from '../../support/merge-response.ts';
import { inNextRun } from '../../support/next-run.ts';

const PT5M = resolutionOf('PT5M');
const PT1H = resolutionOf('PT1H');
const base = Date.parse('2026-03-02T12:00:00Z');
const TIME = { tick: base, now: base };

function fresh(resolution = PT5M): SeriesState {
  return newSeries(resolution, base);
}

function advance(from: number, to: number, resolution = PT5M): Window {
  return { resolution, from, to, purpose: 'advance', place: 0 };
}

/** Returns a series with a value at one time. */
function valueAt(minutes: number): MeasurementSeries[] {
  return [{ name: 'A', units: 'SCALAR', dataPoints: [{ timestamp: base + minutes * MINUTE, value: 1 }] }];
}

describe('a response without any value', () => {
  const window = advance(base, base + HOUR);
  const later = { tick: base + HOUR, now: base + HOUR };
  const next = advance(base + HOUR, base + 2 * HOUR);

  test('is read once more when there are values again', () => {
    const known = mergeResponse(fresh(), valueAt(0), advance(base, base + 5 * MINUTE), TIME);
    const empty = mergeResponse(known.state, [], advance(base + 5 * MINUTE, base + HOUR), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base + 5 * MINUTE, rereadFrom: null });
    const again = mergeResponse(inNextRun(empty.state), valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base + 5 * MINUTE });
  });

  test('is read once more with the hour before the watermark, in which a series may have been late', () => {
    const known = mergeResponse(fresh(), valueAt(0), window, TIME);
    const empty = mergeResponse(inNextRun(known.state), [], advance(base, base + 2 * HOUR), later);
    const latest = { tick: base + 2 * HOUR, now: base + 2 * HOUR };
    const answer = valueAt(120);
    const again = mergeResponse(
      inNextRun(empty.state),
      answer,
      advance(base + HOUR, base + 3 * HOUR),
      latest,
    );
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });

  test('to a window that is read again counts only while new windows are empty too', () => {
    const reread: Window = { ...advance(base, base + HOUR), purpose: 'reread' };
    const known = mergeResponse(fresh(), valueAt(0), window, TIME);
    expect(mergeResponse(inNextRun(known.state), [], reread, later).state.spans[0]).toMatchObject({
      emptyFrom: null,
    });
    const empty = mergeResponse(inNextRun(known.state), [], next, later);
    expect(mergeResponse(inNextRun(empty.state), [], reread, later).state.spans[0]).toMatchObject({
      emptyFrom: base,
    });
  });

  test('to a lookback over the end of a former granularity is read once more too', () => {
    const known = mergeResponse(fresh(), valueAt(0), window, TIME);
    const changed = switched(known.state, resolutionOf('PT1M'));
    const empty = mergeResponse(inNextRun(changed), [], { ...window, purpose: 'lookback' }, later);
    expect(empty.state.spans.map(({ emptyFrom }) => emptyFrom)).toEqual([base, null]);
  });

  test('is one that has only values of other hours, because hours are stamped early', () => {
    const answer = valueAt(60 - 10 / 60);
    const empty = mergeResponse(fresh(PT1H), answer, advance(base, base + HOUR, PT1H), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base });
    const full = mergeResponse(fresh(PT1H), answer, advance(base + HOUR, base + 2 * HOUR, PT1H), TIME);
    const again = mergeResponse(
      inNextRun(full.state),
      answer,
      advance(base + HOUR, base + 2 * HOUR, PT1H),
      later,
    );
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null });
  });

  test('is read again for a target that never had a value if it came in an earlier run', () => {
    const empty = mergeResponse(fresh(), [], window, TIME);
    const same = mergeResponse(empty.state, valueAt(60), next, TIME);
    expect(same.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: null });
    const again = mergeResponse(inNextRun(empty.state), valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });
});
