import { describe, expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { type FineGranularity, resolutionOf } from '../../../shared/measurements/granularity.ts';
import { packInstants } from '../../../shared/measurements/instants.ts';
import { dormant, pulledBack, switched } from '../../../shared/measurements/series-changes.ts';
import { expired } from '../../../shared/measurements/series-expiry.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import { targetOf } from '../../support/target.ts';

const WATERMARK = Date.parse('2026-03-02T16:35:00Z');

function collected(granularity: FineGranularity, watermark = WATERMARK): SeriesState {
  const state = withSpan(newSeries(resolutionOf(granularity), watermark - 9 * HOUR), 0, {
    position: watermark,
    known: new Map([['A', packInstants([watermark - HOUR])]]),
  });
  return { ...state, watermark, values: { first: watermark - HOUR, last: watermark - HOUR } };
}

function spansOf({ spans }: SeriesState) {
  const short = (instant: number | null) => instant && new Date(instant).toISOString().slice(11, 16);
  return spans.map(({ resolution, position, to }) => [resolution.granularity, short(position), short(to)]);
}

describe('a granularity that the configuration changes', () => {
  test('starts with the next full interval when it is coarser, and the former one continues until then', () => {
    const state = switched(collected('PT5M'), resolutionOf('PT1H'));
    expect(spansOf(state)).toEqual([
      ['PT5M', '16:35', '17:00'],
      ['PT1H', '17:00', null],
    ]);
    expect(state.watermark).toBe(WATERMARK);
  });

  test('starts at the watermark when it is finer', () => {
    expect(spansOf(switched(collected('PT5M'), resolutionOf('PT1M')))).toEqual([
      ['PT5M', '16:35', '16:35'],
      ['PT1M', '16:35', null],
    ]);
  });

  test('leaves everything as it was when the change is undone', () => {
    const before = collected('PT5M');
    const back = switched(switched(before, resolutionOf('PT1H')), resolutionOf('PT5M'));
    // One hour is read again, which writes nothing twice.
    expect(withSpan(back, 0, { rereadFrom: null })).toEqual(before);
    const twice = switched(switched(before, resolutionOf('PT1H')), resolutionOf('PT1M'));
    expect(spansOf(switched(twice, resolutionOf('PT5M')))).toEqual(spansOf(before));
  });

  test('starts after a gap that was recorded when the target was lost', () => {
    const lost = (state: SeriesState) => targetOf(state, { missingSince: WATERMARK + HOUR });
    const { state, gaps } = expired(lost(collected('PT5M')), resolutionOf('PT5M'));
    expect(gaps).toMatchObject([{ from: WATERMARK, to: WATERMARK + HOUR }]);
    const after = switched(switched(state, resolutionOf('PT1M')), resolutionOf('PT5M'));
    expect(after.spans.at(-1)?.from).toBe(WATERMARK + HOUR);
    expect(expired(lost(after), resolutionOf('PT5M')).gaps).toEqual([]);
  });

  test('keeps a bounded number of former ones when it changes often', () => {
    let state = collected('PT5M');
    for (let change = 1; change < 100; change += 1) {
      state = switched(state, resolutionOf(change % 2 === 0 ? 'PT5M' : 'PT1M'));
      state = withSpan(state, state.spans.length - 1, { position: WATERMARK + change * HOUR });
    }
    expect(state.spans.length).toBeLessThan(30);
  });
});

describe('a target moved back to an instant', () => {
  test('continues from there, and reads everything before once more', () => {
    const back = pulledBack(collected('PT5M', WATERMARK + 5 * HOUR), WATERMARK);
    expect(back).toMatchObject({ watermark: WATERMARK, backlogs: [] });
    expect(spansOf(back)).toEqual([['PT5M', '16:35', null]]);
    expect(back.spans[0]?.rereadFrom).toBe(back.spans[0]?.from);
    expect(back.spans[0]?.known.size).toBe(1);
  });

  test('starts there if it started later', () => {
    expect(spansOf(pulledBack(collected('PT5M', WATERMARK + 20 * HOUR), WATERMARK))).toEqual([
      ['PT5M', '16:35', null],
    ]);
  });

  test('loses the span that a clock days ahead started, and keeps what was read before it', () => {
    const before = collected('PT5M');
    const [span] = before.spans;
    if (!span) throw new Error('no span');
    const far = WATERMARK + 240 * HOUR;
    const ahead = { ...newSeries(span.resolution, far - 48 * HOUR).spans[0], ...{ position: far } };
    const state = {
      ...before,
      watermark: far,
      spans: [
        { ...span, to: WATERMARK },
        { ...span, ...ahead },
      ],
    };
    expect(spansOf(pulledBack(state, WATERMARK + HOUR))).toEqual([['PT5M', '16:35', null]]);
    expect(pulledBack(state, WATERMARK + HOUR).watermark).toBe(WATERMARK);
  });
});

test('a dormant target keeps its watermarks, and starts after what was read', () => {
  const rest = dormant(collected('PT5M'));
  expect(rest).toMatchObject({ watermark: WATERMARK, backlogs: [] });
  expect(rest.spans).toEqual(newSeries(resolutionOf('PT5M'), WATERMARK).spans);
});
