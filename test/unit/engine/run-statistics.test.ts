import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import {
  added,
  EMPTY_TOTALS,
  type LastRun,
  parseRunStatistics,
  type RunStatistics,
  reported,
  reportIsDue,
} from '../../../shared/engine/run-statistics.ts';
import { isProjectId, type Subject } from '../../../shared/ids.ts';

const tick = Date.parse('2026-03-02T12:00:00Z');
const project = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(project)) throw new Error('not a project id');
const subject: Subject = { kind: 'project', id: project };

function run(minutes: number, outcome: LastRun['outcome'] = 'complete'): LastRun {
  const at = tick + minutes * MINUTE;
  return {
    tick: at,
    is_first: true,
    started_at: at,
    finished_at: at + 1,
    outcome,
    targets: 3,
    failed_targets: 0,
    lag_seconds: 0,
  };
}

function statistics(change: Partial<RunStatistics> = {}): RunStatistics {
  return { ...parseRunStatistics(null), reported_tick: tick, last_run: run(0), ...change };
}

describe('a row of collection_runs', () => {
  test('is due after a first run, and then once in each quarter of a UTC day', () => {
    expect(reportIsDue(parseRunStatistics(null), run(0))).toBe(true);
    expect(reportIsDue(statistics(), run(359))).toBe(false);
    expect(reportIsDue(statistics(), run(360))).toBe(true);
  });

  test('waits for the next quarter of a day when rows were written or a stopped run was cleaned up', () => {
    const wrote = added(EMPTY_TOTALS, { rows: 1 }, ['2026-03-02']);
    const emptied = added(EMPTY_TOTALS, {}, ['2026-03-01']);
    for (const totals of [wrote, emptied]) {
      expect(reportIsDue(statistics({ totals }), run(359))).toBe(false);
      expect(reportIsDue(statistics({ totals }), run(360))).toBe(true);
    }
  });

  test('is due when a run was not complete', () => {
    expect(reportIsDue(statistics(), run(20, 'partial'))).toBe(true);
    expect(reportIsDue(statistics(), run(20, 'continued'))).toBe(true);
  });

  test('is due when a run is complete and the run before it was not', () => {
    expect(reportIsDue(statistics({ last_run: run(10, 'failed') }), run(20))).toBe(true);
  });

  test('is due when there is a note, and contains the note once', () => {
    let totals = added(EMPTY_TOTALS, { notes: ['a', 'b'] });
    totals = added(totals, { rows: 0, notes: ['a'] });
    expect(reportIsDue(statistics({ totals }), run(20))).toBe(true);
    const about = { subject, dataset: 'd', lagSeconds: 0 };
    const { row, statistics: after } = reported(statistics({ totals }), run(20), about);
    expect(row.notes).toBe('["a","b"]');
    expect(reported(after, run(40), about).row.notes).toBeNull();
  });

  test('reads statistics that were stored before there were notes', () => {
    const { notes, ...before } = EMPTY_TOTALS;
    expect(parseRunStatistics({ ...statistics(), totals: before }).totals).toEqual({ ...before, notes });
  });

  test('counts earlier runs, and the totals start again', () => {
    let totals = added(EMPTY_TOTALS, { runs: 1, requests: 5 });
    totals = added(totals, { runs: 1, requests: 7, rows: 10, objects: 2, bytes: 99 }, [
      '2026-03-02',
      '2026-03-01',
    ]);
    totals = added(totals, { rows: 1, objects: 1, bytes: 1 }, ['2026-02-28']);
    const { row, statistics: after } = reported(statistics({ totals }), run(40), {
      subject,
      dataset: 'd',
      lagSeconds: 7,
    });
    expect(row).toMatchObject({
      runs: 2,
      requests: 12,
      rows: 11,
      objects: 3,
      bytes: 100,
      first_dt: '2026-02-28',
      last_dt: '2026-03-02',
      lag_seconds: 7,
    });
    expect(after.totals).toEqual(EMPTY_TOTALS);
    expect(after.reported_tick).toBe(tick + 40 * MINUTE);
  });
});
