import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../shared/durations.ts';
import { lookbackBehind } from '../../../shared/histories/lookback.ts';
import { type HistoryState, newHistory } from '../../../shared/histories/state.ts';
import { requestStart, windowEnd } from '../../../shared/histories/windows.ts';

const WATERMARK = Date.parse('2026-03-02T12:00:00Z');
const MOST = 20_000;

/** Returns a host with the given numbers of known entries in the last seconds before the watermark, newest last. */
function hostWith(counts: readonly number[], spanSeconds: number) {
  const from = WATERMARK - counts.length * SECOND;
  const known = new Map(
    counts.flatMap((count, index) =>
      Array.from({ length: count }, (_, number): [string, number] => [
        `${index.toString(16).padStart(4, '0')}${number.toString(16).padStart(12, '0')}`,
        from + index * SECOND,
      ]),
    ),
  );
  const { lookback } = lookbackBehind(WATERMARK, known, from);
  return { from, state: { ...newHistory(WATERMARK), span: spanSeconds * SECOND, lookback } };
}

/** Returns where a request ends that a pass begins at an instant. */
function endOf(state: HistoryState, from: number, { until = Infinity, wasFull = false } = {}) {
  return windowEnd({ ...state, pass: { from, until, wasFull } }, MOST);
}

describe('a request ends', () => {
  it('one span after its start', () => {
    const { from, state } = hostWith([3, 3, 3], 3600);
    expect(endOf(state, from)).toBe(from + 3600 * SECOND);
    expect(endOf(state, WATERMARK)).toBe(WATERMARK + 3600 * SECOND);
  });

  it('at the watermark or later when few entries are known before it, even if the span is short', () => {
    const { from, state } = hostWith(
      Array.from({ length: 120 }, () => 10),
      1,
    );
    expect(endOf(state, from)).toBe(WATERMARK);
    expect(endOf(state, from + 50 * SECOND)).toBe(WATERMARK);
  });

  it('where the known seconds, and one more on both sides, nearly fill a response', () => {
    // The second before counts as 6,000 too. Three seconds fit into 18,000, so two of them can be read without their ends.
    const { from, state } = hostWith([6_000, 6_000, 6_000, 0, 0], 1);
    expect(endOf(state, from)).toBe(from + SECOND);
    expect(endOf(state, from + SECOND)).toBe(WATERMARK);
  });

  it('before the watermark when the time after it may be as full as the last second', () => {
    const { from, state } = hostWith([10, 10, 10, 6_500, 6_500], 1);
    expect(endOf(state, from)).toBe(WATERMARK - SECOND);
  });

  it('at the end of the pass, in the lookback and after it', () => {
    const { from, state } = hostWith([3, 3, 3], 3600);
    expect(endOf(state, from, { until: from + SECOND })).toBe(from + SECOND);
    expect(endOf(state, WATERMARK, { until: WATERMARK + SECOND })).toBe(WATERMARK + SECOND);
  });

  it('one span after its start when the last response was full, whatever is known', () => {
    const { from, state } = hostWith([10, 10, 10], 1);
    expect(endOf(state, from, { wasFull: true })).toBe(from + SECOND);
  });
});

describe('a request begins', () => {
  const LOOKBACK = 120 * SECOND;

  it('one second before its window', () => {
    const { from, state } = hostWith(
      Array.from({ length: 120 }, () => 10),
      1,
    );
    const begun = { ...state, begun: true };
    expect(requestStart(begun, from, LOOKBACK)).toBe(from - SECOND);
    expect(requestStart(begun, WATERMARK, LOOKBACK)).toBe(WATERMARK - SECOND);
    expect(requestStart(newHistory(WATERMARK), WATERMARK, LOOKBACK)).toBe(WATERMARK - SECOND);
  });

  it('one millisecond before a lookback that was cut, because the second before has too many entries', () => {
    const { from, state } = hostWith([10, 10], 1);
    expect(requestStart({ ...state, begun: true }, from, LOOKBACK)).toBe(from - 1);
  });
});
