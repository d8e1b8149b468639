import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AtlasApiError, AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { DAY, MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { answerOf, HostHistory, type MadeEntry } from './host-history.ts';

const ERROR_CONTEXT = { operation: 'accessHistory', attempts: 1 };
const BACKFILL = { backfill: 30 * MINUTE };

const evenly = (count: number, from: number, to: number): MadeEntry[] =>
  Array.from({ length: count }, (_, index) => {
    const time = from + Math.floor(((to - from) * index) / count);
    return { line: `line ${index}`, time, visibleFrom: time };
  });

describe('a host, run by run', () => {
  it('writes each entry once, even if settle time and lookback change between runs', async () => {
    const entry = fc.record({
      at: fc.integer({ min: -10 * 60, max: 40 * 60 }),
      millisecond: fc.integer({ min: 0, max: 999 }),
      late: fc.integer({ min: 0, max: 20 * 60 }),
    });
    const run = fc.record({
      minutes: fc.integer({ min: 0, max: 9 }),
      settle: fc.integer({ min: 0, max: 600 }),
      overlap: fc.integer({ min: 0, max: 300 }),
    });
    const histories = fc.array(entry, { maxLength: 60 });
    const runs = fc.array(run, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(histories, runs, async (made, changes) => {
        const entries = made.map(({ at, millisecond, late }, index) => {
          const time = T + at * SECOND + millisecond;
          return { line: `line ${index}`, time, visibleFrom: time + late * SECOND };
        });
        const host = new HostHistory(answerOf(entries));
        const lines: string[] = [];
        let settled = Number.NEGATIVE_INFINITY;
        const ticks: Array<{ tick: number; settled: number }> = [];
        let tick = T;
        for (const { minutes, settle, overlap } of changes) {
          tick += minutes * MINUTE;
          const settings = { ...BACKFILL, settle: settle * SECOND, overlap: overlap * SECOND };
          const { lines: more, gaps } = await host.run(tick, settings);
          lines.push(...more);
          expect(gaps).toEqual([]);
          if (tick - settle * SECOND > settled) ticks.push({ tick, settled: tick - settle * SECOND });
          settled = Math.max(settled, tick - settle * SECOND);
        }
        expect(new Set(lines).size).toBe(lines.length);
        // Every entry that was visible when a run first read its second must be there. Later ones may be.
        const due = entries.filter(({ time, visibleFrom }) => {
          const second = Math.floor(time / SECOND) * SECOND;
          const first = ticks.find((candidate) => second < candidate.settled);
          return time >= T - BACKFILL.backfill && first !== undefined && visibleFrom <= first.tick;
        });
        expect(lines).toEqual(expect.arrayContaining(due.map(({ line }) => line)));
      }),
    );
  });

  it('reads again only as far back as the stored hashes go when the lookback is made longer', async () => {
    const entries = evenly(180, T - 30 * MINUTE, T);
    const host = new HostHistory(answerOf(entries));
    const lines: string[] = [];
    for (const [minutes, overlap] of [
      [0, 0],
      [1, 5 * MINUTE],
      [2, 5 * MINUTE],
      [3, 5 * MINUTE],
    ] as const) {
      lines.push(...(await host.run(T + minutes * MINUTE, { ...BACKFILL, overlap })).lines);
    }
    const due = entries.filter(({ time }) => time < T - 7 * MINUTE);
    expect(lines.sort()).toEqual(due.map(({ line }) => line).sort());
  });

  it('writes a late entry and reports how late it came', async () => {
    const time = T - 11 * MINUTE;
    const host = new HostHistory(answerOf([{ line: 'late', time, visibleFrom: T + 1 }]));
    expect(await host.run(T, BACKFILL)).toMatchObject({ lines: [], measures: [] });
    const { lines, measures } = await host.run(T + 10 * MINUTE, BACKFILL);
    expect(lines).toEqual(['late']);
    // It was missing 11 minutes after its time: 10 of settle time, and 1 before the watermark.
    expect(measures).toEqual([{ name: 'Lateness', unit: 'Seconds', value: 11 * 60 }]);
    expect((await host.run(T + 20 * MINUTE, BACKFILL)).lines).toEqual([]);
  });

  it('reports by how much the lookback has shrunk, and writes no entry twice', async () => {
    // At 250 entries a second, 80 seconds fill the lookback.
    const entries = evenly(22 * 60 * 250, T - 12 * MINUTE, T + 10 * MINUTE);
    const host = new HostHistory(answerOf(entries));
    const settings = { backfill: 12 * MINUTE };
    const first = await host.run(T, settings);
    const shrunk = first.measures.filter(({ name }) => name === 'OverlapShrunk');
    expect(shrunk.at(-1)).toEqual({ name: 'OverlapShrunk', unit: 'Seconds', value: 40 });
    const second = await host.run(T + 2 * MINUTE, settings);
    const expected = entries.filter(({ time }) => time < T - 8 * MINUTE).map(({ line }) => line);
    expect([...first.lines, ...second.lines].sort()).toEqual(expected.sort());
    expect(second.gaps).toEqual([]);
    // The next run begins with the stored lookback, 80 seconds before its watermark, not earlier.
    const [oldest] = (await host.run(T + 4 * MINUTE, settings)).requests;
    expect(oldest?.start).toBe(T - 8 * MINUTE - 80 * SECOND - 1);
  });

  it('continues with few requests after a second that overflowed, without halving down to it again', async () => {
    const flood = evenly(20_001, T - 11 * MINUTE, T - 11 * MINUTE + SECOND);
    const after = { line: 'after', time: T - 9.5 * MINUTE, visibleFrom: T };
    const host = new HostHistory(answerOf([...flood, after]));
    expect((await host.run(T, BACKFILL)).gaps).toHaveLength(1);
    const { requests, lines } = await host.run(T + MINUTE, BACKFILL);
    expect(lines).toEqual(['after']);
    expect(requests.length).toBeLessThanOrEqual(3);
  });

  it('requests less when a response is too large for the client, and records a gap for a second that is', async () => {
    const entries = evenly(600, T - 20 * MINUTE, T - 10 * MINUTE);
    const [large, small] = [T - 14 * MINUTE, answerOf(entries)];
    const host = new HostHistory((span, now) => {
      const isLarge = span.start <= large + 500 && span.end >= large + 500;
      if (isLarge) throw new AtlasResponseError('too-large', 'the answer is too large', ERROR_CONTEXT);
      return small(span, now);
    });
    const { lines, gaps } = await host.run(T, { backfill: 20 * MINUTE });
    const expected = entries.filter(({ time }) => time < large || time >= large + SECOND);
    expect(lines.sort()).toEqual(expected.map(({ line }) => line).sort());
    expect(gaps).toMatchObject([{ from: large, to: large + SECOND }]);
    expect((await host.run(T + 10 * MINUTE, { backfill: 20 * MINUTE })).gaps).toEqual([]);
  });

  it('requests more again when responses are small', async () => {
    const from = T - 5 * 60 * MINUTE;
    const burst = evenly(60_000, from, from + 2 * MINUTE);
    const host = new HostHistory(answerOf(burst));
    const { lines, requests } = await host.run(T, { backfill: 5 * 60 * MINUTE });
    expect(lines).toHaveLength(60_000);
    const spans = requests.map(({ start, end }) => end - start - 2 * SECOND);
    const least = Math.min(...spans);
    expect(least).toBeLessThan(MINUTE);
    expect(Math.max(...spans.slice(spans.indexOf(least)))).toBeGreaterThan(60 * MINUTE);
    expect(requests.length).toBeLessThan(25);
  });
});

describe('a host without access history', () => {
  const refusal = { status: 400, errorCode: 'TENANT_NOT_SUPPORTED', reason: 'Bad Request', detail: null };
  const refused = () => {
    throw new AtlasApiError(refusal, ERROR_CONTEXT);
  };
  it('is read once a day, with one warning', async () => {
    const host = new HostHistory(refused);
    const found = [];
    for (const minutes of [0, 10, 20, 24 * 60, 24 * 60 + 10]) {
      const { requests, warnings, gaps } = await host.run(T + minutes * MINUTE);
      found.push([requests.length, warnings.length, gaps.length]);
    }
    expect(found).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  it('is not read twice in a run that passes midnight', async () => {
    const midnight = Date.parse('2026-03-03T00:00:00Z');
    const host = new HostHistory(refused);
    expect((await host.run(midnight - 1)).requests).toHaveLength(1);
    expect((await host.run(midnight)).requests).toHaveLength(1);
  });

  it('starts on the day it gets a history, without a gap for the time before', async () => {
    let answer = refused as ReturnType<typeof answerOf>;
    const host = new HostHistory((span, now) => answer(span, now));
    for (let day = 0; day < 12; day += 1) await host.run(T + day * DAY);
    const upgraded = T + 11 * DAY + 60 * MINUTE;
    const entries = evenly(500, upgraded, T + 13 * DAY);
    answer = answerOf(entries);
    const { lines, gaps } = await host.run(T + 12 * DAY);
    expect(gaps).toEqual([]);
    const due = entries.filter(({ time }) => time < T + 12 * DAY - 10 * MINUTE);
    expect(lines.sort()).toEqual(due.map(({ line }) => line).sort());
  });

  it('loses nothing if it had a history before and was refused for a day', async () => {
    const entries = evenly(3_000, T - DAY, T + 2 * DAY);
    let answer = answerOf(entries);
    const host = new HostHistory((span, now) => answer(span, now));
    const lines = (await host.run(T)).lines;
    answer = refused;
    expect((await host.run(T + 10 * MINUTE)).warnings).toHaveLength(1);
    answer = answerOf(entries);
    const again = await host.run(T + DAY);
    expect(again.gaps).toEqual([]);
    const due = entries.filter(({ time }) => time < T + DAY - 10 * MINUTE);
    expect([...lines, ...again.lines].sort()).toEqual(due.map(({ line }) => line).sort());
  });
});

describe('the first run', () => {
  it.each([
    [0, 0],
    [30, 0],
    [2 * 60 * 60, 1],
  ])('delayed by %i s records %i gaps', async (heldUp, count) => {
    const seconds = heldUp * SECOND;
    const entries = evenly(2_000, T - 8 * 24 * 60 * MINUTE, T);
    const held = entries.filter(({ time }) => time >= T + seconds - 7 * DAY);
    const host = new HostHistory(answerOf(held));
    host.meet(T);
    const { lines, gaps } = await host.run(T + seconds);
    expect(gaps).toHaveLength(count);
    const due = held.filter(({ time }) => time < T + seconds - 10 * MINUTE);
    expect(lines.sort()).toEqual(due.map(({ line }) => line).sort());
  });
});
