import { describe, expect, it } from 'vitest';
import { overlapBehind } from '../../../functions/access-logs/overlap.ts';
import { newHistory } from '../../../functions/access-logs/state.ts';
import { requestStart, windowEnd } from '../../../functions/access-logs/windows.ts';
import { SECOND } from '../../../shared/durations.ts';

const MARK = Date.parse('2026-03-02T12:00:00Z');
const MOST = 20_000;

/** A host of which so many entries are known of each of the last seconds before the watermark, the newest last. */
function hostWith(counts: readonly number[], spanSeconds: number) {
  const from = MARK - counts.length * SECOND;
  const known = new Map(
    counts.flatMap((count, index) =>
      Array.from({ length: count }, (_, number): [string, number] => [
        `${index.toString(16).padStart(4, '0')}${number.toString(16).padStart(12, '0')}`,
        from + index * SECOND,
      ]),
    ),
  );
  const { overlap } = overlapBehind(MARK, known, from);
  return { from, state: { ...newHistory(MARK), span: spanSeconds * SECOND, overlap } };
}

describe('a request ends', () => {
  it('a span further on', () => {
    const { from, state } = hostWith([3, 3, 3], 3600);
    expect(windowEnd(state, from, MOST)).toBe(from + 3600 * SECOND);
    expect(windowEnd(state, MARK, MOST)).toBe(MARK + 3600 * SECOND);
  });

  it('at the watermark at least, where little is known before it: a short span is for what comes next', () => {
    const { from, state } = hostWith(
      Array.from({ length: 120 }, () => 10),
      1,
    );
    expect(windowEnd(state, from, MOST)).toBe(MARK);
    expect(windowEnd(state, from + 50 * SECOND, MOST)).toBe(MARK);
  });

  it('where the seconds that are known, and one more on both sides, nearly fill an answer', () => {
    // 6,000 are taken for the second before as well: three seconds fit into 18,000, and so two of them less their ends.
    const { from, state } = hostWith([6_000, 6_000, 6_000, 0, 0], 1);
    expect(windowEnd(state, from, MOST)).toBe(from + SECOND);
    expect(windowEnd(state, from + SECOND, MOST)).toBe(MARK);
  });

  it('before what comes next, if that may be as much as the last second', () => {
    const { from, state } = hostWith([10, 10, 10, 6_500, 6_500], 1);
    expect(windowEnd(state, from, MOST)).toBe(MARK - SECOND);
  });

  it('a span further on after an answer that was full, whatever is known', () => {
    const { from, state } = hostWith([10, 10, 10], 1);
    const reading = { run: MARK, from, wasFull: true };
    expect(windowEnd({ ...state, reading }, from, MOST)).toBe(from + SECOND);
  });
});

describe('a request begins', () => {
  const REACH = 120 * SECOND;

  it('a second before its window', () => {
    const { from, state } = hostWith(
      Array.from({ length: 120 }, () => 10),
      1,
    );
    const begun = { ...state, begun: true };
    expect(requestStart(begun, from, REACH)).toBe(from - SECOND);
    expect(requestStart(begun, MARK, REACH)).toBe(MARK - SECOND);
    expect(requestStart(newHistory(MARK), MARK, REACH)).toBe(MARK - SECOND);
  });

  it('a millisecond before the overlap, where that was cut: the second before it has too many entries', () => {
    const { from, state } = hostWith([10, 10], 1);
    expect(requestStart({ ...state, begun: true }, from, REACH)).toBe(from - 1);
  });
});
