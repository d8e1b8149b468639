import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import type { Gap } from '../../../shared/engine/dataset.ts';
import { T } from '../../support/times.ts';
import { EventHistory, type MadeEvent } from './event-history.ts';

const SHORT = { backfill: HOUR };

const id = (number: number) => `event-${number}`;

/** Returns events at the same distance from each other, in [from, to). */
const evenly = (count: number, from: number, to: number): MadeEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: id(index),
    time: from + Math.floor(((to - from) * index) / count),
  }));

function expectContiguous(gaps: readonly Gap[]): void {
  for (const [index, { from }] of gaps.slice(1).entries()) expect(from).toBe(gaps[index]?.to);
}

const ids = (events: readonly MadeEvent[]) => events.map((event) => event.id).sort();

describe('the events of a project, run by run', () => {
  it('are written once, whatever ends a request includes and however late they appear', async () => {
    const event = fc.record({
      at: fc.integer({ min: -3600, max: 3600 }),
      millisecond: fc.integer({ min: 0, max: 999 }),
      late: fc.integer({ min: 0, max: 5400 }),
    });
    const run = fc.record({
      minutes: fc.integer({ min: 0, max: 15 }),
      settle: fc.integer({ min: 0, max: 600 }),
      overlap: fc.integer({ min: 0, max: 3600 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 80 }),
        fc.array(run, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (made, runs, areEndsIncluded) => {
          const events = made.map(({ at, millisecond, late }, index) => {
            const time = T + at * SECOND + millisecond;
            return { id: id(index), time, visibleFrom: time + late * SECOND };
          });
          const history = new EventHistory(events, { areEndsIncluded });
          const written: string[] = [];
          const ticks: { tick: number; settled: number }[] = [];
          let [tick, settled] = [T, Number.NEGATIVE_INFINITY];
          for (const { minutes, settle, overlap } of runs) {
            tick += minutes * MINUTE;
            const settings = { ...SHORT, settle: settle * SECOND, overlap: overlap * SECOND };
            const result = await history.run(tick, settings);
            written.push(...result.ids);
            expect(result.gaps).toEqual([]);
            if (tick - settle * SECOND > settled) ticks.push({ tick, settled: tick - settle * SECOND });
            settled = Math.max(settled, tick - settle * SECOND);
          }
          expect(new Set(written).size).toBe(written.length);
          const due = events.filter(({ time, visibleFrom }) => {
            const second = Math.floor(time / SECOND) * SECOND;
            const first = ticks.find((candidate) => second < candidate.settled);
            return (
              time >= (ticks[0]?.tick ?? 0) - SHORT.backfill &&
              first !== undefined &&
              visibleFrom <= first.tick
            );
          });
          expect(written).toEqual(expect.arrayContaining(due.map((one) => one.id)));
        },
      ),
    );
  });

  it('are found up to an hour after their time has been read, and the measure says how late they came', async () => {
    const late = { id: 'late', time: T - 50 * MINUTE, visibleFrom: T + 5 * MINUTE };
    const history = new EventHistory([late]);
    expect((await history.run(T, SHORT)).ids).toEqual([]);
    const { ids: found, measures } = await history.run(T + 10 * MINUTE);
    expect(found).toEqual(['late']);
    expect(measures).toEqual([{ name: 'Lateness', unit: 'Seconds', value: 50 * 60 }]);
    expect((await history.run(T + 20 * MINUTE)).ids).toEqual([]);
  });

  it('cost one request for each run of a quiet project, and about ten for its first month', async () => {
    const history = new EventHistory(evenly(300, T - 30 * DAY, T));
    expect((await history.run(T)).requests).toBeLessThan(15);
    expect((await history.run(T + 10 * MINUTE)).requests).toBe(1);
  });
});

describe('many events', () => {
  it('in the same second are read page by page, and each once', async () => {
    const events = [...evenly(1_700, T - 10 * MINUTE, T - 10 * MINUTE + 3), ...evenly(0, T, T)];
    const history = new EventHistory(events);
    const { ids: written, gaps } = await history.run(T, SHORT);
    expect(written.sort()).toEqual(ids(events));
    expect(gaps).toEqual([]);
    expect((await history.run(T + 10 * MINUTE)).ids).toEqual([]);
  });

  it('of one second are all found if the list shifts between two pages', async () => {
    // The first window that contains it is its own.
    const second = T - HOUR;
    const events = evenly(1_200, second, second + 1);
    const extra = Array.from({ length: 30 }, (_, number) => ({ id: `extra-${number}`, time: second + 500 }));
    let isShifted = false;
    const history: EventHistory = new EventHistory(events, {
      beforePage(pageNum) {
        if (pageNum !== 2 || isShifted) return;
        isShifted = true;
        // Some of what has been read disappears, so that the next page skips events. Others appear.
        history.events.push(...extra);
        history.events.splice(0, 60);
      },
    });
    const { ids: written } = await history.run(T, SHORT);
    expect(written.sort()).toEqual(ids([...events, ...extra]));
  });

  it('of one second beyond forty pages are a gap, once', async () => {
    const second = T - 10 * MINUTE;
    const history = new EventHistory(evenly(20_600, second, second + 1));
    const first = await history.run(T, SHORT);
    expect(first.ids.length).toBe(20_000);
    const reason = 'more than the 20000 events of one second that are read';
    // Requests for the second before it may also include its first millisecond, which all these events share.
    expect(first.gaps).toEqual([
      { from: second - SECOND, to: second, reason },
      { from: second, to: second + SECOND, reason },
    ]);
    const next = await history.run(T + 10 * MINUTE);
    expect(next.gaps).toEqual([]);
    expect(next.ids).toEqual([]);
  });

  it('need no more state than 20,000 hashes and the seconds of the lookback', async () => {
    const events = evenly(21_000, T - 50 * MINUTE, T - 3 * MINUTE);
    const history = new EventHistory(events);
    const first = await history.run(T, SHORT);
    expect(new Set(first.ids).size).toBe(21_000);
    expect(history.storedBytes).toBeLessThan(2 * 350_000);
    expect(first.measures.map(({ name }) => name)).toContain('OverlapShrunk');
    expect((await history.run(T + 10 * MINUTE)).ids).toEqual([]);
  });

  it('are all read from a server whose pages are smaller than requested', async () => {
    const events = evenly(450, T - 50 * MINUTE, T - 5 * MINUTE);
    const history = new EventHistory(events, { pageSize: 100 });
    expect((await history.run(T, SHORT)).ids.sort()).toEqual(ids(events));
  });
});

describe('an event that cannot be read', () => {
  it('is a gap between its neighbours, once, and the others are written', async () => {
    const events = evenly(10, T - 40 * MINUTE, T - 20 * MINUTE).map((event, index) => ({
      ...event,
      isUnreadable: index === 4,
    }));
    const history = new EventHistory(events);
    const first = await history.run(T, SHORT);
    expect(first.ids.sort()).toEqual(ids(events.filter(({ isUnreadable }) => !isUnreadable)));
    expect(first.gaps).toEqual([
      {
        from: events[3]?.time,
        to: (events[5]?.time ?? 0) + SECOND,
        reason: 'events that cannot be read',
      },
    ]);
    expect((await history.run(T + 10 * MINUTE)).gaps).toEqual([]);
  });

  it('is one gap although newer events and the ends of later windows become its neighbours', async () => {
    const unreadable = { id: 'unreadable', time: T - 30 * MINUTE, isUnreadable: true };
    const history = new EventHistory([unreadable]);
    expect((await history.run(T, SHORT)).gaps).toHaveLength(1);
    for (let minute = 10; minute <= 90; minute += 10) {
      history.events.push({ id: id(minute), time: T + (minute - 5) * MINUTE });
      expect((await history.run(T + minute * MINUTE)).gaps).toEqual([]);
    }
  });

  it('shares one gap with others between the same neighbours, also with one that appears later', async () => {
    const events = evenly(10, T - 40 * MINUTE, T - 20 * MINUTE);
    const between = (id: string) => ({ id, time: (events[4]?.time ?? 0) + SECOND, isUnreadable: true });
    const history = new EventHistory([...events, between('first'), between('second')]);
    expect((await history.run(T, SHORT)).gaps).toHaveLength(1);
    history.events.push(between('late'));
    expect((await history.run(T + 10 * MINUTE)).gaps).toEqual([]);
  });
});

describe('what Atlas has dropped', () => {
  const DROPPED = 'Atlas no longer shows entries of this age';

  it('is no gap before the first event that was ever shown', async () => {
    const events = evenly(900, T - 30 * DAY, T);
    const history = new EventHistory(events, { retention: 10 * DAY });
    const { ids: written, gaps } = await history.run(T);
    expect(written.sort()).toEqual(ids(events.filter(({ time }) => time >= T - 10 * DAY)));
    expect(gaps).toEqual([]);
  });

  it('after an outage is a gap up to the oldest event that Atlas still shows', async () => {
    const events = evenly(60, T - 5 * DAY, T + 25 * DAY);
    const history = new EventHistory(events, { retention: 14 * DAY });
    await history.run(T, { backfill: 5 * DAY });
    const end = T + 20 * DAY;
    const { gaps, ids: written } = await history.run(end);
    const shown = events.filter(({ time }) => time >= end - 14 * DAY && time < end - 2 * MINUTE);
    expect(written.sort()).toEqual(ids(shown));
    expect(gaps[0]).toMatchObject({ from: T - 2 * MINUTE, reason: DROPPED });
    expectContiguous(gaps);
    expect(gaps.at(-1)?.to).toBe(Math.floor((shown[0]?.time ?? 0) / SECOND) * SECOND);
    expect((await history.run(end + 10 * MINUTE)).gaps).toEqual([]);
  });

  it('is no gap after an outage if Atlas still shows the last event that was read', async () => {
    const events = [...evenly(3, T - 2 * HOUR, T - HOUR), ...evenly(3, T + 8 * DAY, T + 9 * DAY)];
    const history = new EventHistory(events.map((event, index) => ({ ...event, id: id(index) })));
    await history.run(T, { backfill: DAY });
    const { gaps, ids: written } = await history.run(T + 10 * DAY);
    expect(gaps).toEqual([]);
    expect(written).toHaveLength(3);
  });

  it('may be everything if Atlas shows nothing at all after an outage', async () => {
    const history = new EventHistory(evenly(3, T - 2 * HOUR, T - HOUR), { retention: 3 * DAY });
    await history.run(T, { backfill: DAY });
    const { gaps } = await history.run(T + 10 * DAY);
    expect(gaps[0]?.from).toBe(T - 2 * MINUTE);
    expectContiguous(gaps);
    // A day is trusted.
    expect(gaps.at(-1)?.to).toBeGreaterThanOrEqual(T + 9 * DAY - HOUR);
    expect((await history.run(T + 10 * DAY + 10 * MINUTE)).gaps).toEqual([]);
  });

  it('is no gap in an outage shorter than what Atlas has shown before', async () => {
    const history = new EventHistory(evenly(2, T - 20 * DAY, T - 19 * DAY), { retention: 21 * DAY });
    await history.run(T);
    const { gaps, requests } = await history.run(T + 10 * DAY);
    expect(gaps).toEqual([]);
    expect(requests).toBeLessThan(4);
  });
});
