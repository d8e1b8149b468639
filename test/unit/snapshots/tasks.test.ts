import { describe, expect, test } from 'vitest';
import { DAY, floorTo, HOUR, MINUTE } from '../../../shared/durations.ts';
import { SNAPSHOTS_VERSION, type SnapshotState, snapshotCodec } from '../../../shared/snapshots/state.ts';
import {
  firstState,
  lostWithCluster,
  nextTask,
  passedTo,
  pulledBack,
} from '../../../shared/snapshots/tasks.ts';
import { T } from '../../support/times.ts';

const TODAY = floorTo(T, DAY);
const plan = { interval: DAY, settle: HOUR, backfill: DAY, restMs: DAY };
const window = { isOfWindow: true };
const present = { isOfWindow: false };
const at = (tick: number, now = tick) => ({ tick, now });
const stateAt = (watermark: number, more: Partial<SnapshotState> = {}): SnapshotState => ({
  ...firstState(window, plan, at(T)),
  watermark,
  ...more,
});

describe('a list of windows', () => {
  test('begins with the day before, once it has settled', () => {
    expect(firstState(window, plan, at(T)).watermark).toBe(TODAY - DAY);
    expect(firstState(window, plan, at(TODAY + 59 * MINUTE)).watermark).toBe(TODAY - 2 * DAY);
  });

  test('loses nothing of the days before its first run', () => {
    const today = new Date(TODAY).toISOString().slice(0, 10);
    expect(firstState(window, plan, at(T)).nothingBefore).toBe(today);
    expect(firstState(present, plan, at(T)).nothingBefore).toBeNull();
  });

  test('reads missed days one by one, and none before its end has settled', () => {
    const state = stateAt(TODAY - 2 * DAY);
    expect(nextTask(state, window, plan, at(T))).toEqual({
      kind: 'read',
      from: TODAY - 2 * DAY,
      missed: null,
    });
    expect(nextTask(stateAt(TODAY - DAY), window, plan, at(TODAY + 59 * MINUTE))).toBeNull();
    expect(nextTask(stateAt(TODAY), window, plan, at(T))).toBeNull();
  });

  test('gives up days from more than a week ago', () => {
    expect(nextTask(stateAt(TODAY - 9 * DAY), window, plan, at(T))).toEqual({
      kind: 'skip',
      gap: { from: TODAY - 9 * DAY, to: TODAY - 7 * DAY, reason: 'older than the collector requests' },
    });
  });

  test('loses nothing before a refusal, and the days after it if nobody read them', () => {
    const refused = stateAt(TODAY - 20 * DAY, { unavailableOn: '2026-02-21' });
    expect(nextTask(refused, window, plan, at(T))).toEqual({
      kind: 'read',
      from: TODAY - 7 * DAY,
      missed: {
        from: Date.parse('2026-02-21T00:00:00Z'),
        to: TODAY - 7 * DAY,
        reason: 'older than the collector requests',
      },
    });
    const lately = stateAt(TODAY - 20 * DAY, { unavailableOn: '2026-03-01' });
    expect(nextTask(lately, window, plan, at(T))).toMatchObject({ from: TODAY - 7 * DAY, missed: null });
  });
});

describe('a list of the present', () => {
  test('is read once a day', () => {
    const first = firstState(present, plan, at(T));
    expect(nextTask(first, present, plan, at(T))).toEqual({ kind: 'read', from: TODAY, missed: null });
    const read = passedTo(first, present, plan, TODAY + DAY);
    expect(read.watermark).toBe(TODAY);
    expect(nextTask(read, present, plan, at(TODAY + DAY - 1))).toBeNull();
    expect(nextTask(read, present, plan, at(TODAY + DAY))).toMatchObject({ from: TODAY + DAY, missed: null });
  });

  test('has a gap for each day on which nobody read it', () => {
    const task = nextTask(stateAt(TODAY - 3 * DAY), present, plan, at(T));
    expect(task).toMatchObject({ from: TODAY, missed: { from: TODAY - 2 * DAY, to: TODAY } });
  });

  test('takes the snapshot of the day on which it is read, even for a tick of the day before', () => {
    const task = nextTask(stateAt(TODAY - DAY), present, plan, at(TODAY - MINUTE, TODAY + MINUTE));
    expect(task).toMatchObject({ kind: 'read', from: TODAY, missed: null });
  });
});

describe('a cluster that left', () => {
  test('lost its unread windows', () => {
    expect(lostWithCluster(stateAt(TODAY - 2 * DAY), window, plan, T)).toEqual({
      from: TODAY - 2 * DAY,
      to: TODAY,
    });
    expect(lostWithCluster(stateAt(TODAY), window, plan, T)).toBeNull();
  });

  test('lost the whole days before it left, if the present was not read on them', () => {
    expect(lostWithCluster(stateAt(TODAY - 2 * DAY), present, plan, T)).toEqual({
      from: TODAY - DAY,
      to: TODAY,
    });
    expect(lostWithCluster(stateAt(TODAY - DAY), present, plan, T)).toBeNull();
  });

  test('lost nothing if it had nothing', () => {
    const refused = stateAt(TODAY - 9 * DAY, { unavailableOn: '2026-03-01' });
    expect(lostWithCluster(refused, window, plan, T)).toBeNull();
  });
});

test('a watermark from the future waits for a day, and else continues today', () => {
  const soon = stateAt(T + DAY - 1);
  expect(pulledBack(soon, plan, T)).toBe(soon);
  expect(pulledBack(stateAt(T + 30 * DAY), plan, T).watermark).toBe(TODAY);
});

test('a state is stored and read again', () => {
  const codec = snapshotCodec(DAY);
  const states = new Map([
    ['a', stateAt(TODAY, { nothingBefore: '2026-03-01' })],
    ['b', stateAt(TODAY - DAY, { unavailableOn: '2026-03-02', idle: true })],
  ]);
  const stored = JSON.parse(JSON.stringify(codec.encode(states)));
  expect(JSON.stringify(stored).length).toBeLessThanOrEqual(2 * codec.sizeBound(stateAt(TODAY)));
  const watermarks = new Map([...states].map(([name, { watermark }]) => [name, watermark]));
  expect(codec.decode(stored, watermarks, SNAPSHOTS_VERSION, 'cluster')).toEqual(states);
});
