import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  decodeStates,
  encodeStates,
  newState,
  RANKED_NAMESPACES_VERSION,
  type RankedNamespacesState,
  stateSize,
} from '../../../functions/ranked-namespaces/state.ts';
import {
  failingFor,
  hourFailed,
  hourRead,
  hoursSkipped,
  MAX_BACKLOG,
  nextTask,
} from '../../../functions/ranked-namespaces/tasks.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import { precedesRefusal } from '../../../shared/sources/availability.ts';
import { T } from '../../support/times.ts';

const settings = { settle: 20 * MINUTE, backfill: 6 * HOUR };
const { settle } = settings;
const at = (tick: number, now = tick) => ({ tick, now });

/**
 * Does all tasks of a run; returns the hours that were read. `isEmpty` is whether Atlas then has no names for an hour.
 */
function work(
  start: RankedNamespacesState,
  time: { tick: number; now: number },
  isEmpty: (hour: number) => boolean,
) {
  let state = start;
  const read: number[] = [];
  const skipped: { from: number; to: number }[] = [];
  for (let task = nextTask(state, settings, time); task; task = nextTask(state, settings, time)) {
    if (read.length > 1000) throw new Error('the tasks never end');
    if (task.kind === 'skip') {
      skipped.push(task.gap);
      state = hoursSkipped(state, task.gap.to);
      continue;
    }
    read.push(task.hour);
    state = hourRead(state, task.hour, { isEmpty: isEmpty(task.hour) }, { time, settle });
  }
  return { state, read, skipped };
}

describe('new hours', () => {
  test('go back as far as the backfill, and settle twenty minutes after their end', () => {
    const first = newState(at(T), settings.backfill);
    const { read } = work(first, at(T), () => false);
    expect(read).toEqual([6, 5, 4, 3, 2].map((back) => T - back * HOUR));
    expect(work({ ...first, watermark: T - HOUR }, at(T + 19 * MINUTE), () => false).read).toEqual([]);
    expect(work({ ...first, watermark: T - HOUR }, at(T + 20 * MINUTE), () => false).read).toEqual([
      T - HOUR,
    ]);
  });

  test('follow the earlier of tick and clock', () => {
    const state = { ...newState(at(T), 0), watermark: T - HOUR };
    expect(nextTask(state, settings, at(T, T + HOUR))).toBeNull();
    expect(nextTask(state, settings, at(T + HOUR, T))).toBeNull();
  });

  test('start at a whole hour for a process that came back', () => {
    const state = { ...newState(at(T), 0), watermark: T - 3 * HOUR + 40 * MINUTE };
    expect(nextTask(state, settings, at(T))).toEqual({ kind: 'read', hour: T - 2 * HOUR, missed: null });
  });

  test('are skipped once when there are too many, but not for the time in which a process was refused', () => {
    const watermark = T - HOUR - MAX_BACKLOG - 5 * HOUR;
    const state = { ...newState(at(T), 0), watermark };
    const { read, skipped } = work(state, at(T), () => false);
    expect(skipped).toMatchObject([{ from: watermark, to: T - HOUR - MAX_BACKLOG }]);
    expect(read[0]).toBe(T - HOUR - MAX_BACKLOG);
    const refused = { ...state, unavailableOn: '2026-03-01', idle: true };
    expect(work(refused, at(T), () => false)).toMatchObject({ read, skipped: [] });
  });

  test('after a refusal are missed when they are too old to be read, if Atlas answers again', () => {
    const oldest = T - HOUR - MAX_BACKLOG;
    const refused = { ...newState(at(T), 0), watermark: oldest - 10 * DAY, unavailableOn: '2026-02-20' };
    expect(nextTask(refused, settings, at(T))).toMatchObject({
      kind: 'read',
      hour: oldest,
      missed: { from: Date.parse('2026-02-20T00:00:00Z'), to: oldest },
    });
    expect(nextTask({ ...refused, unavailableOn: '2026-03-01' }, settings, at(T))).toMatchObject({
      missed: null,
    });
  });

  test('before a refusal count as empty until the first hour after it was read', () => {
    const evening = Date.parse('2026-02-27T22:00:00Z');
    let state: RankedNamespacesState = {
      ...newState(at(T), 0),
      watermark: evening,
      unavailableOn: '2026-02-28',
    };
    const known: boolean[] = [];
    const stored: (string | null)[] = [];
    for (let hour = evening; hour < evening + 4 * HOUR; hour += HOUR) {
      known.push(precedesRefusal(state, hour));
      state = hourRead(state, hour, { isEmpty: false }, { time: at(T), settle });
      // From now on Atlas has something, so unread hours are lost. The next run may have to continue.
      expect(state.unavailableOn).toBeNull();
      state =
        decodeStates(
          encodeStates(new Map([[SELF, state]])),
          new Map([[SELF, state.watermark]]),
          RANKED_NAMESPACES_VERSION,
        ).get(SELF) ?? state;
      stored.push(state.nothingBefore);
    }
    expect(known).toEqual([true, true, false, false]);
    expect(stored).toEqual(['2026-02-28', '2026-02-28', null, null]);
  });

  test('go back further with a longer backfill', () => {
    const backfill = 30 * 24 * HOUR;
    const state = newState(at(T), backfill);
    expect(nextTask(state, { ...settings, backfill }, at(T))).toMatchObject({
      kind: 'read',
      hour: T - backfill,
    });
  });
});

describe('an empty hour', () => {
  test('is requested once per tick until three hours have passed', () => {
    let { state } = work({ ...newState(at(T), 0), watermark: T - 2 * HOUR }, at(T), () => true);
    const asked: number[] = [];
    for (let tick = T; tick <= T + 6 * HOUR; tick += 20 * MINUTE) {
      const done = work(state, at(tick), (hour) => hour === T - 2 * HOUR);
      state = done.state;
      if (done.read.includes(T - 2 * HOUR)) asked.push(tick);
    }
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => T + number * 20 * MINUTE));
    expect(state.empty).toEqual([]);
  });
});

describe('an hour whose measurements fail', () => {
  const before = { ...newState(at(T), 0), watermark: T - 2 * HOUR };
  const hour = T - 2 * HOUR;
  const failed = hourFailed(before, hour, at(T));

  test('is not read again in the same run, and is read first in the next one', () => {
    expect(failed.watermark).toBe(hour);
    expect(nextTask(failed, settings, at(T))).toBeNull();
    expect(nextTask(stored(failed), settings, at(T))).toMatchObject({ kind: 'read', hour });
  });

  test('does not keep empty hours from being requested', () => {
    const empty = [{ hour: T - 4 * HOUR, firstRequestedAt: T - HOUR, lastRequestedAt: T - HOUR }];
    expect(nextTask({ ...failed, empty }, settings, at(T))).toMatchObject({ hour: T - 4 * HOUR });
  });

  test('fails since its first failure', () => {
    const again = hourFailed(stored(failed), hour, at(T + 3 * HOUR));
    expect(failingFor(before, hour, at(T))).toBe(0);
    expect(failingFor(stored(again), hour, at(T + 5 * HOUR))).toBe(5 * HOUR);
    const read = hourRead(again, hour, { isEmpty: false }, { time: at(T + 5 * HOUR), settle });
    expect(failingFor(read, hour + HOUR, at(T + 9 * HOUR))).toBe(0);
  });

  test('passes its age on to the next hour if it was given up, until the process has caught up', () => {
    const late = at(T + 8 * HOUR);
    const givenUp = stored(
      hourRead(failed, hour, { isEmpty: false, isGivenUp: true }, { time: late, settle }),
    );
    expect(failingFor(givenUp, hour + HOUR, late)).toBe(8 * HOUR);
    const read = stored(hourRead(givenUp, hour + HOUR, { isEmpty: false }, { time: late, settle }));
    expect(failingFor(read, hour + 2 * HOUR, late)).toBe(7 * HOUR);
    const caughtUp = hourRead(givenUp, hour + HOUR, { isEmpty: true }, { time: at(T + 2 * HOUR), settle });
    expect(failingFor(caughtUp, hour + 2 * HOUR, late)).toBe(0);
  });

  test('passes nothing on to hours that settle after many hours and are not late', () => {
    const settled = { time: at(T + 20 * HOUR), settle: 19 * HOUR };
    const givenUp = stored(hourRead(failed, hour, { isEmpty: false, isGivenUp: true }, settled));
    const next = { time: at(T + 20 * HOUR + 20 * MINUTE), settle: 19 * HOUR };
    const read = stored(hourRead(givenUp, hour + HOUR, { isEmpty: false }, next));
    expect(failingFor(read, hour + 2 * HOUR, at(T + 21 * HOUR))).toBe(0);
  });

  test('is stored so that earlier versions read it as an hour that waits', () => {
    const [document] = z
      .array(z.looseObject({ empty: z.unknown() }))
      .parse(encodeStates(new Map([[SELF, failed]])));
    expect(document?.empty).toEqual([[hour, T, T - 1]]);
  });
});

/** Ticks with gaps between them, by the hour or by twenty minutes. */
const ticksArbitrary = fc
  .array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 25 })
  .map((steps) => {
    let tick = T;
    return [T, ...steps.map((step) => (tick += step * 20 * MINUTE))];
  });

describe('at any ticks, whenever hours are filled', () => {
  const delay = fc.option(fc.integer({ min: 0, max: 30 }), { nil: null });
  const delays = fc.array(delay, { minLength: 30, maxLength: 30 });

  test('reads every hour, none again once it has names, and empty ones for three hours', () => {
    fc.assert(
      fc.property(ticksArbitrary, delays, (ticks, table) => {
        const filledAt = (hour: number) => {
          const number = table[Math.abs(hour / HOUR) % table.length] ?? null;
          return number === null ? Infinity : hour + HOUR + number * 20 * MINUTE;
        };
        let state = newState(at(T), settings.backfill);
        const answers = new Map<number, { tick: number; full: boolean }[]>();
        for (const tick of ticks) {
          const done = work(state, at(tick), (hour) => tick < filledAt(hour));
          for (const hour of done.read) {
            const known = answers.get(hour) ?? [];
            expect(known.some(({ full }) => full)).toBe(false);
            expect(known.some((earlier) => earlier.tick === tick)).toBe(false);
            answers.set(hour, [...known, { tick, full: tick >= filledAt(hour) }]);
          }
          // New hours come first, in order.
          const fresh = done.read.filter((hour) => hour >= state.watermark);
          expect(done.read.slice(0, fresh.length)).toEqual(fresh);
          expect(fresh).toEqual([...fresh].sort((a, b) => a - b));
          state = stored(done.state);
        }
        const last = ticks.at(-1) ?? T;
        const settled = Math.floor((last - settings.settle) / HOUR) * HOUR;
        expect(state.watermark).toBe(settled);
        for (let hour = T - 6 * HOUR; hour < settled; hour += HOUR) {
          const asks = answers.get(hour) ?? [];
          expect(asks.length).toBeGreaterThan(0);
          const first = asks[0]?.tick ?? NaN;
          const due = ticks.filter((tick) => tick >= first);
          const end = due.findIndex((tick) => tick >= filledAt(hour) || tick >= first + 3 * HOUR);
          expect(asks.map(({ tick }) => tick)).toEqual(end < 0 ? due : due.slice(0, end + 1));
        }
      }),
    );
  });
});

/** As the next run finds it. */
function stored(state: RankedNamespacesState): RankedNamespacesState {
  const document = encodeStates(new Map([[SELF, state]]));
  expect(JSON.stringify(document).length).toBeLessThanOrEqual(stateSize(state));
  const decoded = decodeStates(
    JSON.parse(JSON.stringify(document)),
    new Map([[SELF, state.watermark]]),
    RANKED_NAMESPACES_VERSION,
  ).get(SELF);
  expect(decoded).toEqual({ ...state, failed: new Set() });
  return decoded ?? state;
}
