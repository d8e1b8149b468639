import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostLogsDataset } from '../../../functions/host-logs/collector.ts';
import { AtlasApiError, AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { type Answer, answerOf, LogHistory, logLine, type MadeLine, secondsAfter } from './log-history.ts';

const BACKFILL = { backfill: 30 * MINUTE };
const SETTLED = T - 10 * MINUTE;

const history = (answer: Answer) => new LogHistory(hostLogsDataset, 'mongodb', answer);

/** Returns a visible line at an instant. */
function made(time: number, message = `at ${time}`): MadeLine {
  return { text: logLine(time, message), time, visibleFrom: 0 };
}

const evenly = (count: number, from: number, to: number): MadeLine[] =>
  Array.from({ length: count }, (_, index) =>
    made(from + Math.floor(((to - from) * index) / count), `${index}`),
  );

const messages = (rows: readonly { readonly [column: string]: unknown }[]) =>
  rows.map((row) => String(row['message'] ?? row['raw_line']));

describe('a log, run by run', () => {
  it('is written once, whatever is late and however settle time and lookback change', async () => {
    const line = fc.record({
      at: fc.integer({ min: -10 * 60, max: 40 * 60 }),
      millisecond: fc.integer({ min: 0, max: 999 }),
      late: fc.integer({ min: 0, max: 20 * 60 }),
    });
    const run = fc.record({
      minutes: fc.integer({ min: 0, max: 9 }),
      settle: fc.integer({ min: 0, max: 600 }),
      overlap: fc.integer({ min: 0, max: 300 }),
    });
    const runs = fc.array(run, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 60 }), runs, async (all, changes) => {
        const lines = all.map(({ at, millisecond, late }, index) => {
          const time = T + at * SECOND + millisecond;
          return { text: logLine(time, `${index}`), time, visibleFrom: time + late * SECOND };
        });
        const log = history(answerOf(lines));
        const written: string[] = [];
        let [tick, settled] = [T, Number.NEGATIVE_INFINITY];
        const ticks: Array<{ tick: number; settled: number }> = [];
        for (const { minutes, settle, overlap } of changes) {
          tick += minutes * MINUTE;
          const settings = { ...BACKFILL, settle: settle * SECOND, overlap: overlap * SECOND };
          const { rows, gaps } = await log.run(tick, settings);
          written.push(...messages(rows));
          expect(gaps).toEqual([]);
          if (tick - settle * SECOND > settled) ticks.push({ tick, settled: tick - settle * SECOND });
          settled = Math.max(settled, tick - settle * SECOND);
        }
        expect(new Set(written).size).toBe(written.length);
        const due = lines.flatMap(({ time, visibleFrom }, index) => {
          const second = Math.floor(time / SECOND) * SECOND;
          const first = ticks.find((candidate) => second < candidate.settled);
          const isDue = time >= T - BACKFILL.backfill && first !== undefined && visibleFrom <= first.tick;
          return isDue ? [`${index}`] : [];
        });
        expect(written).toEqual(expect.arrayContaining(due));
      }),
    );
  });

  it('needs one request for each tick, which begins one second before the lookback', async () => {
    const log = history(answerOf(evenly(600, T - HOUR, T + HOUR)));
    await log.run(T, BACKFILL);
    for (const minutes of [5, 10, 15]) {
      const { requests } = await log.run(T + minutes * MINUTE, BACKFILL);
      const start = SETTLED + (minutes - 10) * MINUTE - SECOND;
      expect(requests).toEqual([{ start, end: start + 10 * MINUTE + 2 * SECOND }]);
    }
  });

  it('ends a window at midnight', async () => {
    const midnight = Date.parse('2026-03-03T00:00:00Z');
    const log = history(answerOf(evenly(100, midnight - MINUTE, midnight + MINUTE)));
    const { requests, rows } = await log.run(midnight + 20 * MINUTE, { backfill: 40 * MINUTE });
    expect(requests.map(({ start, end }) => [start + SECOND, end - SECOND])).toEqual([
      [midnight - 20 * MINUTE, midnight],
      [midnight, midnight + 10 * MINUTE],
    ]);
    expect(rows).toHaveLength(100);
  });
});

describe('a window that is too large', () => {
  it.each([
    ['by its lines', evenly(30_000, T - 30 * MINUTE, T - 10 * MINUTE)],
    [
      'by its bytes',
      evenly(200, T - 30 * MINUTE, T - 10 * MINUTE).map((one) => ({
        ...one,
        text: one.text.replace('"msg":"', `"msg":"${'x'.repeat(200_000)}`),
      })),
    ],
  ])('%s is halved until every line fits', async (_what, lines) => {
    const { rows, gaps, requests } = await history(answerOf(lines)).run(T, BACKFILL);
    expect(rows).toHaveLength(lines.length);
    expect(new Set(rows.map((row) => row['record_id'])).size).toBe(lines.length);
    expect(gaps).toEqual([]);
    expect(requests.length).toBeLessThan(20);
  });

  it('for the client is halved as well, but a second that is too large is a failure', async () => {
    const large = SETTLED - 3 * MINUTE;
    const error = new AtlasResponseError('too-large', 'too large', { operation: 'readLog', attempts: 1 });
    const log = history(({ start, end }) => {
      if (start <= large && end >= large) throw error;
      return '';
    });
    await expect(log.run(T, BACKFILL)).rejects.toBe(error);
  });
});

describe('lines', () => {
  const at = SETTLED - 2 * MINUTE;

  it('without a time belong to the line before them, and are numbered if they are equal', async () => {
    const text = [
      logLine(at, 'first'),
      '  at frame',
      '  at frame',
      '',
      logLine(at + SECOND, 'next'),
      '  at frame',
    ];
    const lines = text.map((line, index) => ({ text: line, time: at + index, visibleFrom: 0 }));
    const log = history(answerOf(lines));
    const { rows, notes } = await log.run(T, BACKFILL);
    expect(messages(rows)).toEqual(['first', '  at frame', '  at frame', '', 'next', '  at frame']);
    expect(rows.map(({ ts }) => ts - at)).toEqual([0, 0, 0, 0, SECOND, SECOND]);
    expect(new Set(rows.map((row) => row['record_id'])).size).toBe(6);
    expect(notes).toEqual([]);
    expect((await log.run(T + 5 * MINUTE, BACKFILL)).rows).toEqual([]);
  });

  it('belong to one window, wherever windows end', async () => {
    const text = `${logLine(SETTLED - 1, 'before')}\n  frame\n${logLine(SETTLED, 'after')}\n  frame\n`;
    const log = history(() => text);
    expect(messages((await log.run(T, BACKFILL)).rows)).toEqual(['before', '  frame']);
    expect(messages((await log.run(T + 5 * MINUTE, BACKFILL)).rows)).toEqual(['after', '  frame']);
    expect((await log.run(T + 10 * MINUTE, BACKFILL)).rows).toEqual([]);
  });

  it('of the same millisecond and text are all written, once', async () => {
    const lines = [made(at, 'same'), made(at, 'same'), made(at, 'other')];
    const log = history(answerOf(lines));
    expect(messages((await log.run(T, BACKFILL)).rows)).toEqual(['same', 'same', 'other']);
    lines.unshift(made(at, 'same'));
    expect(messages((await log.run(T + 5 * MINUTE, BACKFILL)).rows)).toEqual(['same']);
  });

  it('outside the requested span are left out, because Atlas may return whole chunks', async () => {
    const all = evenly(3_600, T - HOUR, T + HOUR);
    const log = history(() => `${all.map(({ text }) => text).join('\n')}\n`);
    const first = await log.run(T, BACKFILL);
    expect(secondsAfter(T, first.rows).map((second) => second < -600 && second >= -1_800)).not.toContain(
      false,
    );
    expect(first.rows).toHaveLength(600);
    expect((await log.run(T + 5 * MINUTE, BACKFILL)).rows).toHaveLength(150);
  });

  it('whose times are far from the requested span are reported', async () => {
    const wrong = [logLine(at - 2 * DAY, 'a'), logLine(at + 2 * DAY, 'b'), logLine(at, 'c')];
    const { rows, notes } = await history(() => wrong.join('\n')).run(T, BACKFILL);
    expect(messages(rows)).toEqual(['c']);
    expect(notes).toEqual([expect.stringContaining('2 items cannot be read and were skipped')]);
  });

  it.each([
    ['in the window are reported', at, 1],
    ['before it belong to an earlier one', T - 31 * MINUTE, 0],
  ])('without a time that follow no line %s', async (_what, next, notes) => {
    const log = history(() => `  frame\n${logLine(next, 'next')}\n`);
    expect((await log.run(T, BACKFILL)).notes).toHaveLength(notes);
  });

  it('of a broken response count for nothing when it is requested again', async () => {
    const text = `${logLine(at, 'a')}\n${logLine(at, 'b')}\n`;
    const log = history(() => [`${logLine(at, 'a')}\n`, text]);
    const { rows } = await log.run(T, BACKFILL);
    expect(messages(rows)).toEqual(['a', 'b']);
    const whole = history(() => text);
    expect((await whole.run(T, BACKFILL)).rows.map((row) => row['record_id'])).toEqual(
      rows.map((row) => row['record_id']),
    );
  });

  it('that come late are written by the next run, which reports how late they came', async () => {
    const log = history(answerOf([{ ...made(SETTLED - MINUTE, 'late'), visibleFrom: T + 1 }]));
    expect((await log.run(T, BACKFILL)).rows).toEqual([]);
    const { rows, measures } = await log.run(T + 5 * MINUTE, BACKFILL);
    expect(messages(rows)).toEqual(['late']);
    expect(measures).toEqual([{ name: 'Lateness', unit: 'Seconds', value: 11 * 60 }]);
  });
});

describe('the volume of a day', () => {
  const bytes = logLine(T, '123').length;
  const lines = evenly(1_800, T - 30 * MINUTE, T + 30 * MINUTE).map(({ time }) => made(time, '123'));
  const reason = (limit: number) => `more than the ${limit} bytes of a day that maxBytesPerDay allows`;

  it('ends with the last whole second that fits, and the rest of the day is a gap without requests', async () => {
    const log = history(answerOf(lines));
    const limit = 100 * bytes + 1;
    const settings = { ...BACKFILL, maxBytesPerDay: limit };
    const first = await log.run(T, settings);
    const end = T - 30 * MINUTE + 200 * SECOND;
    expect(first.rows).toHaveLength(100);
    expect(Math.max(...first.rows.map(({ ts }) => ts))).toBeLessThan(end);
    expect(first.gaps).toEqual([{ from: end, to: SETTLED, reason: reason(limit) }]);
    const next = await log.run(T + 5 * MINUTE, settings);
    expect(next).toMatchObject({
      rows: [],
      requests: [],
      gaps: [{ from: SETTLED, to: SETTLED + 5 * MINUTE, reason: reason(limit) }],
    });
  });

  it('does not end with the bytes of several runs, if they just fit', async () => {
    const log = history(answerOf(lines));
    const settings = { ...BACKFILL, maxBytesPerDay: 750 * bytes };
    expect(await log.run(T, settings)).toMatchObject({ rows: { length: 600 }, gaps: [] });
    expect(await log.run(T + 5 * MINUTE, settings)).toMatchObject({ rows: { length: 150 }, gaps: [] });
    expect(await log.run(T + 10 * MINUTE, settings)).toMatchObject({
      rows: { length: 0 },
      gaps: { length: 1 },
    });
  });

  it('opens again with a higher limit, and on the next day', async () => {
    const log = history(answerOf(lines));
    await log.run(T, { ...BACKFILL, maxBytesPerDay: bytes });
    const higher = { ...BACKFILL, maxBytesPerDay: 1_000 * bytes };
    expect(await log.run(T + 5 * MINUTE, higher)).toMatchObject({ rows: { length: 150 }, gaps: [] });
    const midnight = Date.parse('2026-03-03T00:00:00Z');
    const busy = history(answerOf(evenly(600, midnight - 10 * MINUTE, midnight + 10 * MINUTE)));
    const { rows, gaps } = await busy.run(midnight + 15 * MINUTE, {
      backfill: HOUR,
      maxBytesPerDay: 20 * bytes,
    });
    expect(gaps.map(({ to }) => to)).toEqual([midnight, midnight + 5 * MINUTE]);
    expect(secondsAfter(midnight, rows).filter((second) => second >= 0).length).toBeGreaterThan(15);
  });

  it('does not count late lines, which are written although the day is exhausted', async () => {
    const late = { ...made(SETTLED - SECOND, '123'), visibleFrom: T + 1 };
    const log = history(answerOf([made(SETTLED - MINUTE, '123'), late, made(SETTLED + MINUTE, '123')]));
    const settings = { ...BACKFILL, maxBytesPerDay: bytes };
    expect((await log.run(T, settings)).rows).toHaveLength(1);
    const { rows, gaps } = await log.run(T + 5 * MINUTE, settings);
    expect(rows.map(({ ts }) => ts)).toEqual([SETTLED - SECOND]);
    expect(gaps).toEqual([{ from: SETTLED + MINUTE, to: SETTLED + 5 * MINUTE, reason: reason(bytes) }]);
  });
});

describe('a host without logs', () => {
  it.each([
    ['of a small tier', 400, 'CLUSTER_TIER_NOT_SUPPORTED', 'a host has no such log'],
    [
      'for the credential',
      403,
      'USER_UNAUTHORIZED',
      'logs cannot be read: Atlas answered 403 USER_UNAUTHORIZED',
    ],
  ])('%s is read once a day, with one warning', async (_what, status, errorCode, warning) => {
    const refusal = { status, errorCode, reason: 'x', detail: null };
    const log = history(() => {
      throw new AtlasApiError(refusal, { operation: 'readLog', attempts: 1 });
    });
    const found = [];
    for (const minutes of [0, 5, 24 * 60]) {
      const { requests, warnings } = await log.run(T + minutes * MINUTE);
      found.push(requests.length);
      if (warnings.length > 0) expect(warnings).toEqual([expect.stringContaining(warning)]);
    }
    expect(found).toEqual([1, 0, 1]);
  });
});

it('records what Atlas has dropped as a gap, once', async () => {
  const log = history(answerOf([]));
  await log.run(T, BACKFILL);
  const { gaps } = await log.run(T + 31 * DAY, BACKFILL);
  expect(gaps).toEqual([
    {
      from: SETTLED,
      to: expect.closeTo(T + DAY, -6) as number,
      reason: 'older than Atlas keeps',
    },
  ]);
  expect((await log.run(T + 31 * DAY + 5 * MINUTE, BACKFILL)).gaps).toEqual([]);
});
