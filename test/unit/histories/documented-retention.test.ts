import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { lostMeanwhile } from '../../../shared/histories/documented-retention.ts';
import { joined } from '../../../shared/histories/windows.ts';

const WEEK = 7 * 24 * HOUR;
const START = Date.parse('2026-03-02T12:00:00Z');

describe('what Atlas may have dropped of a window before it answered', () => {
  const window = { from: START, to: START + HOUR };
  /** Returns the arrival of a response, if the window's beginning was due to be dropped that long before. */
  const answered = (late: number) => ({ now: START + WEEK + late, retention: WEEK });

  it.each([
    ['nothing while Atlas keeps it for minutes more', -2 * MINUTE, null, 0],
    ['the time without entries within two minutes of the end', -MINUTE, null, MINUTE],
    ['the time that the request waited, and two minutes', 10 * MINUTE, null, 12 * MINUTE],
    ['the time before the oldest entry', 0, 20 * SECOND, 20 * SECOND],
    ["the oldest entry's second too, if part of it may be missing", 30 * SECOND, 29 * SECOND, 30 * SECOND],
    ['nothing before an entry of the very first second', -MINUTE, 0, 0],
    ['never more than the window', 3 * HOUR, null, HOUR],
  ])('is %s', (_what, late, oldest, lost) => {
    const gap = lostMeanwhile(window, START, oldest === null ? null : START + oldest, answered(late));
    expect(gap).toEqual(
      lost === 0 ? null : { from: START, to: START + lost, reason: 'older than Atlas keeps' },
    );
  });

  it('begins at the watermark, because earlier entries were read before', () => {
    const watermark = START + 90 * SECOND;
    expect(lostMeanwhile(window, watermark, null, answered(0))).toMatchObject({
      from: watermark,
      to: START + 2 * MINUTE,
    });
    expect(lostMeanwhile(window, watermark, START + MINUTE, answered(0))).toBeNull();
  });
});

it('merges gaps with the same reason that touch', () => {
  const reason = 'older than Atlas keeps';
  const gaps = [
    { from: 1, to: 3, reason },
    { from: 3, to: 5, reason },
    { from: 5, to: 6, reason: 'another' },
    { from: 7, to: 8, reason: 'another' },
  ];
  expect(joined(gaps)).toEqual([{ from: 1, to: 5, reason }, ...gaps.slice(2)]);
});
