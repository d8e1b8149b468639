import { describe, expect, test } from 'vitest';
import { ladder } from '../../../shared/collection/granularity.ts';
import { marksAfter, nextWindow, type SeriesMarks, type Window } from '../../../shared/collection/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);

/** Reads everything that is due in one run, and gives the windows in order. */
function readAll(marks: SeriesMarks, fine: 'PT1M' | 'PT5M', settle: number, now: number) {
  const levels = ladder(fine);
  const windows: Array<{ granularity: string; from: string; to: string; purpose: string }> = [];
  let current = marks;
  let reached = false;
  for (;;) {
    const next = nextWindow(current, levels, settle, { tick: now, now }, reached);
    if (!next) return { windows, marks: current };
    if (next.purpose === 'lost') throw new Error('nothing is lost here');
    windows.push(shown(next));
    current = marksAfter(current, next, levels.fine, 0, now);
    reached ||= next.purpose === 'forward';
    if (windows.length > 1000) throw new Error('no end');
  }
}

function shown({ level, from, to, purpose }: Window) {
  return {
    granularity: level.granularity,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    purpose,
  };
}

/** Nothing twice and no hole: each window starts where the one before ended. */
function expectContiguous(windows: ReadonlyArray<{ from: string; to: string }>) {
  for (const [index, { from }] of windows.entries()) {
    if (index > 0) expect(from).toBe(windows[index - 1]?.to);
  }
}

describe('the next window', () => {
  test('a warm target reads from an hour behind its mark to the settled time', () => {
    const mark = at('2026-03-02T11:15:00Z');
    const marks = { mark, fineFrom: mark - 40 * HOUR, recheckedTo: mark, rereadFrom: null };
    const { windows } = readAll(marks, 'PT5M', 25 * MINUTE, at('2026-03-02T12:00:07Z'));
    expect(windows).toEqual([
      {
        granularity: 'PT5M',
        from: '2026-03-02T10:15:00.000Z',
        to: '2026-03-02T11:35:00.000Z',
        purpose: 'forward',
      },
    ]);
  });

  test('the same tick again has nothing to read', () => {
    const mark = at('2026-03-02T11:35:00Z');
    const marks = { mark, fineFrom: mark - 40 * HOUR, recheckedTo: mark, rereadFrom: null };
    expect(readAll(marks, 'PT5M', 25 * MINUTE, at('2026-03-02T12:00:07Z')).windows).toEqual([]);
  });

  test('the first run reads the hours that are about to be dropped at PT1H, and then fine, six hours at most', () => {
    const now = at('2026-03-02T12:00:00Z');
    const mark = now - 48 * HOUR;
    const { windows, marks } = readAll(
      { mark, fineFrom: mark, recheckedTo: now, rereadFrom: null },
      'PT5M',
      25 * MINUTE,
      now,
    );
    // now − 48 h + 10 min is 12:10, so that 13:00 is the first full hour that fine points can be relied on from.
    expect(windows[0]).toEqual({
      granularity: 'PT1H',
      from: '2026-02-28T12:00:00.000Z',
      to: '2026-02-28T13:00:00.000Z',
      purpose: 'forward',
    });
    expectContiguous(windows);
    expect(new Set(windows.slice(1).map(({ granularity }) => granularity))).toEqual(new Set(['PT5M']));
    for (const { from, to } of windows) expect(at(to) - at(from) + 5 * MINUTE).toBeLessThanOrEqual(6 * HOUR);
    expect(marks.mark).toBe(at('2026-03-02T11:35:00Z'));
    expect(marks.fineFrom).toBe(at('2026-02-28T13:00:00Z'));
  });

  test('after three days the oldest part is read at PT1H, from the hour that holds the mark', () => {
    const now = at('2026-03-05T12:20:00Z');
    const mark = at('2026-03-02T12:05:00Z');
    const { windows } = readAll(
      { mark, fineFrom: 0, recheckedTo: now, rereadFrom: null },
      'PT1M',
      10 * MINUTE,
      now,
    );
    const coarse = windows.filter(({ granularity }) => granularity === 'PT1H');
    // 48 h before now is 3 March 12:20; ten minutes later is 12:30; the next full hour is 13:00.
    expect(coarse[0]?.from).toBe('2026-03-02T12:00:00.000Z');
    expect(coarse.at(-1)?.to).toBe('2026-03-03T13:00:00.000Z');
    expectContiguous(windows);
    expect(windows.at(-1)?.to).toBe('2026-03-05T12:10:00.000Z');
  });

  test('after seventy days days come before hours, and hours before minutes', () => {
    const now = at('2026-06-10T09:45:00Z');
    const mark = now - 70 * DAY;
    const { windows } = readAll(
      { mark, fineFrom: 0, recheckedTo: now, rereadFrom: null },
      'PT5M',
      25 * MINUTE,
      now,
    );
    const parts = ['P1D', 'PT1H', 'PT5M'].map((level) => windows.filter((w) => w.granularity === level));
    expect(windows).toEqual(parts.flat());
    // 63 days before now is 8 April 09:45: the first whole day after it is the 9th.
    expect(parts[0]?.[0]?.from).toBe('2026-04-01T00:00:00.000Z');
    expect(parts[0]?.at(-1)?.to).toBe('2026-04-09T00:00:00.000Z');
    // 48 h before now is 8 June 09:45; ten minutes later 09:55; the next full hour is 10:00.
    expect(parts[1]?.at(-1)?.to).toBe('2026-06-08T10:00:00.000Z');
    expectContiguous(windows);
  });

  test('a mark that the fine granularity still holds is read fine, though the border lies after it', () => {
    const now = at('2026-03-05T12:20:00Z');
    const mark = at('2026-03-03T12:35:00Z');
    const { windows } = readAll(
      { mark, fineFrom: mark, recheckedTo: now, rereadFrom: null },
      'PT5M',
      25 * MINUTE,
      now,
    );
    expect(windows[0]).toMatchObject({ granularity: 'PT5M', from: '2026-03-03T12:35:00.000Z' });
  });

  test('fine windows never reach behind what coarse ones stand for', () => {
    const mark = at('2026-03-05T12:00:00Z');
    const fineFrom = mark - 20 * MINUTE;
    const [first] = readAll(
      { mark, fineFrom, recheckedTo: mark, rereadFrom: null },
      'PT5M',
      25 * MINUTE,
      at('2026-03-05T13:00:00Z'),
    ).windows;
    expect(first?.from).toBe('2026-03-05T11:40:00.000Z');
  });

  test('rechecks of one target cover every granule between 42 and 48 hours after its time', () => {
    const levels = ladder('PT5M');
    const start = at('2026-03-01T00:00:00Z');
    let marks: SeriesMarks = {
      mark: start,
      fineFrom: start,
      recheckedTo: start + 3 * HOUR,
      rereadFrom: null,
    };
    const rechecked: Array<{ from: number; to: number; now: number }> = [];
    for (let now = start; now < start + 10 * DAY; now += 20 * MINUTE) {
      let reached = false;
      for (;;) {
        const next = nextWindow(marks, levels, 25 * MINUTE, { tick: now, now }, reached);
        if (!next || next.purpose === 'lost') break;
        if (next.purpose === 'recheck') rechecked.push({ from: next.from, to: next.to, now });
        marks = marksAfter(marks, next, levels.fine, 0, now);
        reached ||= next.purpose === 'forward';
      }
    }
    for (let granule = start + 3 * HOUR; granule < start + 7 * DAY; granule += 5 * MINUTE) {
      const ages = rechecked
        .filter(({ from, to }) => from <= granule && granule < to)
        .map(({ now }) => (now - granule) / HOUR);
      expect(ages.length).toBeGreaterThanOrEqual(1);
      for (const age of ages) expect(age).toBeGreaterThan(42);
      expect(Math.max(...ages)).toBeLessThanOrEqual(48);
    }
    // One more request in five hours or so, not one with every tick.
    expect(rechecked.length).toBeLessThan((8 * 24) / 5 + 1);
  });

  test('a series that has shown up is looked for in all that Atlas still holds, once', () => {
    const now = at('2026-03-05T12:00:00Z');
    const mark = at('2026-03-05T11:35:00Z');
    const marks = { mark, fineFrom: 0, recheckedTo: mark, rereadFrom: 0 };
    const { windows, marks: after } = readAll(marks, 'PT5M', 25 * MINUTE, now);
    expect(windows[0]).toMatchObject({ from: '2026-03-03T12:00:00.000Z', purpose: 'reread' });
    expect(windows.at(-1)?.to).toBe('2026-03-05T11:35:00.000Z');
    expectContiguous(windows);
    expect(after).toEqual({ ...marks, rereadFrom: null });
  });

  test('what not even the last level holds is lost', () => {
    const hour = 60 * MINUTE;
    const now = at('2026-03-05T12:20:00Z');
    const fine = { granularity: 'PT5M', granule: 5 * MINUTE, retention: 48 * hour } as const;
    const next = nextWindow(
      { mark: now - 100 * hour, fineFrom: 0, recheckedTo: now, rereadFrom: null },
      { fine, coarser: [] },
      25 * MINUTE,
      { tick: now, now },
      false,
    );
    expect(next).toEqual({ purpose: 'lost', from: now - 100 * hour, to: at('2026-03-03T12:30:00Z') });
  });
});
