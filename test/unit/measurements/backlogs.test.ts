import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { withBacklogs } from '../../../shared/measurements/backlogs.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { nextTask } from '../../../shared/measurements/next-task.ts';
import {
  type Backlog,
  newSpan,
  type SeriesState,
  withWatermark,
} from '../../../shared/measurements/series-state.ts';
import { planOf } from '../../support/reading-plan.ts';

const [PT5M, PT1H, P1D] = [resolutionOf('PT5M'), resolutionOf('PT1H'), resolutionOf('P1D')];
const base = Date.parse('2026-03-02T00:00:00Z');
const now = base + 70 * DAY;
/** The first hour that five-minute points are reliable for. */
const border = now - 47 * HOUR;
const STAMP = 37_000;

/** Returns a backlog that Atlas has given no values for, for more than six hours. */
function emptyBacklog(resolution: Backlog['resolution'], from: number, to: number): Backlog {
  return {
    resolution,
    from,
    to,
    position: to,
    firstRequestedAt: now - 7 * HOUR,
    lastRequestedAt: now - 3 * HOUR,
    again: to,
    refusal: null,
    known: new Map(),
  };
}

/** Returns a target with five-minute points from the border on, and its first value at an instant. */
function neverReadBefore(backlogs: readonly Backlog[], first: number): SeriesState {
  const span = { ...newSpan(PT5M, border), position: now, finallyCheckedTo: now };
  const watermark = backlogs[0]?.from ?? border;
  return { watermark, spans: [span], substitutedUntil: null, backlogs, values: { first, last: now - HOUR } };
}

/** Returns the gaps that give up the backlogs of a target. */
function gapsOf(state: SeriesState) {
  const gaps: unknown[] = [];
  let current = state;
  for (;;) {
    const task = nextTask(current, planOf(0), { tick: now, now });
    if (task?.kind !== 'record') return { gaps, state: current };
    gaps.push(...task.gaps);
    current = task.state;
  }
}

describe('hours before the first value of a target', () => {
  const hours = emptyBacklog(PT1H, border - 20 * HOUR, border);

  test('become a gap if that value is the oldest one that the finer granularity can have', () => {
    const state = neverReadBefore([hours], border + STAMP);
    expect(withWatermark(state).watermark).toBe(hours.from);
    const after = gapsOf(state);
    expect(after.gaps).toEqual([
      { from: hours.from, to: border, reason: 'no values at PT1H, requested for 6 hours' },
    ]);
    expect(after.state).toMatchObject({ watermark: now, backlogs: [] });
  });

  test('leave no gap if the finer granularity has no values before it either', () => {
    const state = neverReadBefore([hours], border + HOUR + STAMP);
    expect(withWatermark(state).watermark).toBe(now);
    expect(gapsOf(state)).toMatchObject({ gaps: [], state: { backlogs: [] } });
  });

  test('become a gap together with the days before them, which have no values either', () => {
    const begin = border - (border % DAY) - 68 * DAY;
    const change = begin + 6 * DAY;
    const all = [emptyBacklog(P1D, begin, change), emptyBacklog(PT1H, change, border)];
    expect(gapsOf(neverReadBefore(all, border + STAMP)).gaps).toMatchObject([
      { from: begin, to: change, reason: 'no values at P1D, requested for 6 hours' },
      { from: change, to: border, reason: 'no values at PT1H, requested for 6 hours' },
    ]);
    expect(gapsOf(neverReadBefore(all, border + HOUR + STAMP)).gaps).toEqual([]);
  });
});

describe('hours that had no values when they were read', () => {
  const from = base + 5 * HOUR;
  const position = base + 30 * HOUR;
  const values = { first: base - DAY, last: from + HOUR };

  /** Returns a target whose responses had no values for a day, before Atlas dropped its hours. */
  function emptied(state: Partial<SeriesState>): SeriesState {
    const span = { ...newSpan(PT1H, base - 2 * DAY), position, emptyFrom: from };
    return {
      watermark: position,
      spans: [span],
      substitutedUntil: null,
      backlogs: [],
      values: null,
      ...state,
    };
  }

  test('are read at a coarser granularity if Atlas has dropped them since', () => {
    expect(withBacklogs(emptied({}), now)).toMatchObject({
      spans: [{ to: from, emptyFrom: null }, { to: null }],
      backlogs: [{ resolution: P1D, from: base }],
    });
  });

  test('are read at a coarser granularity from the last value on', () => {
    const last = base + 29 * HOUR;
    expect(withBacklogs(emptied({ values: { ...values, last } }), now)).toMatchObject({
      spans: [{ to: position }, { to: null }],
      backlogs: [{ from: base + DAY }],
    });
  });

  test('become a gap if the coarser granularity has no values either, although the watermark passed them', () => {
    const { backlogs, ...opened } = withBacklogs(emptied({ values }), now);
    const given = backlogs.map((its) => emptyBacklog(P1D, its.from, its.to));
    const reason = 'no values at P1D, requested for 6 hours';
    const frontier = opened.spans.map((span) =>
      span.to === null ? { ...span, position: now, finallyCheckedTo: now } : span,
    );
    expect(gapsOf({ ...opened, spans: frontier, backlogs: given }).gaps).toEqual([
      { from: base, to: given[0]?.to, reason },
    ]);
  });
});

describe('a window of a backlog that lacks values and whose beginning Atlas has dropped since', () => {
  const PT1M = resolutionOf('PT1M');
  const from = now - 2 * DAY;
  const lacking = {
    ...emptyBacklog(PT1M, from, from + 5 * HOUR),
    firstRequestedAt: now - 2 * HOUR,
    lastRequestedAt: now - HOUR,
    again: null,
  };

  test('is read again from ten minutes after the oldest value', () => {
    const task = nextTask(neverReadBefore([lacking], from - DAY), planOf(0), { tick: now, now });
    expect(task).toMatchObject({
      kind: 'read',
      window: { purpose: 'backlog', from: from + 10 * MINUTE, to: from + 5 * HOUR },
    });
  });

  test('is left out if Atlas has dropped all of it', () => {
    const dropped = { ...lacking, from: from - 6 * HOUR, to: from - HOUR, position: from - HOUR };
    expect(nextTask(neverReadBefore([dropped], from - DAY), planOf(0), { tick: now, now })).toBeNull();
  });
});
