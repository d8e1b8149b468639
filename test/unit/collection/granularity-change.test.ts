import { describe, expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { type FineGranularity, resolutionOf } from '../../../shared/measurements/granularity.ts';
import { packInstants } from '../../../shared/measurements/instants.ts';
import { dormant, pulledBack, switched } from '../../../shared/measurements/series-changes.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';

const MARK = Date.parse('2026-03-02T16:35:00Z');

function collected(granularity: FineGranularity, watermark = MARK): SeriesState {
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
  test('to a coarser one begins with the next full interval, and the former goes on until there', () => {
    const state = switched(collected('PT5M'), resolutionOf('PT1H'));
    expect(spansOf(state)).toEqual([
      ['PT5M', '16:35', '17:00'],
      ['PT1H', '17:00', null],
    ]);
    expect(state.watermark).toBe(MARK);
  });

  test('to a finer one begins at the watermark', () => {
    expect(spansOf(switched(collected('PT5M'), resolutionOf('PT1M')))).toEqual([
      ['PT5M', '16:35', '16:35'],
      ['PT1M', '16:35', null],
    ]);
  });

  test('that is tried and taken back leaves all as it was', () => {
    const before = collected('PT5M');
    const back = switched(switched(before, resolutionOf('PT1H')), resolutionOf('PT5M'));
    // It is read again for an hour, which writes nothing twice.
    expect(withSpan(back, 0, { rereadFrom: null })).toEqual(before);
    const twice = switched(switched(before, resolutionOf('PT1H')), resolutionOf('PT1M'));
    expect(spansOf(switched(twice, resolutionOf('PT5M')))).toEqual(spansOf(before));
  });

  test('again and again keeps a bounded number of former ones', () => {
    let state = collected('PT5M');
    for (let change = 1; change < 100; change += 1) {
      state = switched(state, resolutionOf(change % 2 === 0 ? 'PT5M' : 'PT1M'));
      state = withSpan(state, state.spans.length - 1, { position: MARK + change * HOUR });
    }
    expect(state.spans.length).toBeLessThan(30);
  });
});

describe('a target pulled back to an instant', () => {
  test('reads on from there, and once more what lies before', () => {
    const back = pulledBack(collected('PT5M', MARK + 5 * HOUR), MARK);
    expect(back).toMatchObject({ watermark: MARK, backlogs: [] });
    expect(spansOf(back)).toEqual([['PT5M', '16:35', null]]);
    expect(back.spans[0]?.rereadFrom).toBe(back.spans[0]?.from);
    expect(back.spans[0]?.known.size).toBe(1);
  });

  test('that began beyond it begins there', () => {
    expect(spansOf(pulledBack(collected('PT5M', MARK + 20 * HOUR), MARK))).toEqual([['PT5M', '16:35', null]]);
  });

  test('loses the span that a clock days ahead began, and knows what was read before it', () => {
    const before = collected('PT5M');
    const [span] = before.spans;
    if (!span) throw new Error('no span');
    const far = MARK + 240 * HOUR;
    const ahead = { ...newSeries(span.resolution, far - 48 * HOUR).spans[0], ...{ position: far } };
    const state = {
      ...before,
      watermark: far,
      spans: [
        { ...span, to: MARK },
        { ...span, ...ahead },
      ],
    };
    expect(spansOf(pulledBack(state, MARK + HOUR))).toEqual([['PT5M', '16:35', null]]);
    expect(pulledBack(state, MARK + HOUR).watermark).toBe(MARK);
  });
});

test('a target that is forgotten keeps its watermarks, and begins behind what was read', () => {
  const rest = dormant(collected('PT5M'));
  expect(rest).toMatchObject({ watermark: MARK, backlogs: [] });
  expect(rest.spans).toEqual(newSeries(resolutionOf('PT5M'), MARK).spans);
});
