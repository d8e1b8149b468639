import { describe, expect, test } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { levelOf } from '../../../shared/collection/granularity.ts';
import { absorb } from '../../../shared/collection/series.ts';
import { switched } from '../../../shared/collection/series-changes.ts';
import { newSeries, type SeriesState } from '../../../shared/collection/series-state.ts';
import type { Window } from '../../../shared/collection/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PT5M = levelOf('PT5M');
const PT1H = levelOf('PT1H');
const base = Date.parse('2026-03-02T12:00:00Z');
const TIME = { tick: base, now: base };

function fresh(level = PT5M): SeriesState {
  return newSeries(level, base);
}

function forward(from: number, to: number, level = PT5M): Window {
  return { level, from, to, purpose: 'forward', place: 0 };
}

/** A series with a value at one time. */
function valueAt(minutes: number): MeasurementSeries[] {
  return [{ name: 'A', units: 'SCALAR', dataPoints: [{ timestamp: base + minutes * MINUTE, value: 1 }] }];
}

describe('an answer without any value', () => {
  const window = forward(base, base + HOUR);
  const later = { tick: base + HOUR, now: base + HOUR };
  const next = forward(base + HOUR, base + 2 * HOUR);

  test('is read once more when there are values again', () => {
    const known = absorb(fresh(), valueAt(0), forward(base, base + 5 * MINUTE), TIME);
    const empty = absorb(known.state, [], forward(base + 5 * MINUTE, base + HOUR), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base + 5 * MINUTE, rereadFrom: null });
    const again = absorb(empty.state, valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base + 5 * MINUTE });
  });

  test('is read once more with the hour behind the mark, in which a series may have been late', () => {
    const known = absorb(fresh(), valueAt(0), window, TIME);
    const empty = absorb(known.state, [], forward(base, base + 2 * HOUR), later);
    const latest = { tick: base + 2 * HOUR, now: base + 2 * HOUR };
    const answer = valueAt(120);
    const again = absorb(empty.state, answer, forward(base + HOUR, base + 3 * HOUR), latest);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });

  test('to a window that is read again counts while new ones are empty, too, and not after that', () => {
    const reread: Window = { ...forward(base, base + HOUR), purpose: 'reread' };
    const known = absorb(fresh(), valueAt(0), window, TIME);
    expect(absorb(known.state, [], reread, later).state.spans[0]).toMatchObject({ emptyFrom: null });
    const empty = absorb(known.state, [], next, later);
    expect(absorb(empty.state, [], reread, later).state.spans[0]).toMatchObject({ emptyFrom: base });
  });

  test('to a look behind the end of a former granularity is read once more, too', () => {
    const known = absorb(fresh(), valueAt(0), window, TIME);
    const changed = switched(known.state, levelOf('PT1M'));
    const empty = absorb(changed, [], { ...window, purpose: 'reach' }, later);
    expect(empty.state.spans.map(({ emptyFrom }) => emptyFrom)).toEqual([base, null]);
  });

  test('is one that has values of other hours only, by their early stamps', () => {
    const answer = valueAt(60 - 10 / 60);
    const empty = absorb(fresh(PT1H), answer, forward(base, base + HOUR, PT1H), TIME);
    expect(empty.state.spans[0]).toMatchObject({ emptyFrom: base });
    const full = absorb(fresh(PT1H), answer, forward(base + HOUR, base + 2 * HOUR, PT1H), TIME);
    const again = absorb(full.state, answer, forward(base + HOUR, base + 2 * HOUR, PT1H), later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null });
  });

  test('of a target that never had one is read again where an earlier run had it', () => {
    const empty = absorb(fresh(), [], window, TIME);
    const same = absorb(empty.state, valueAt(60), next, TIME);
    expect(same.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: null });
    const again = absorb(empty.state, valueAt(60), next, later);
    expect(again.state.spans[0]).toMatchObject({ emptyFrom: null, rereadFrom: base });
  });
});
