import { expect, test } from 'vitest';
import { AtlasAuthenticationError, AtlasUnreachableError } from '../../../shared/atlas/errors.ts';
import { NEXT_TICK, NOW, type Resume } from '../../../shared/engine/errors.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { isProjectId } from '../../../shared/ids.ts';
import { finishedFields } from '../../../shared/worker/dataset-handler.ts';
import { runMetrics } from '../../../shared/worker/metrics.ts';

const errorContext = { operation: 'listProcesses', attempts: 1 };

function run(changes: Partial<FinishedRun>): FinishedRun {
  const project = '5efda6aea3f2ed2e7dd6ce00';
  if (!isProjectId(project)) throw new Error('not a project id');
  return {
    dataset: 'any',
    subject: { kind: 'project', id: project },
    tick: 0,
    continuation: 0,
    startedAt: 0,
    finishedAt: 1000,
    outcome: 'complete',
    targets: 4,
    failures: [],
    remaining: 0,
    resume: { kind: 'next-tick' },
    lagSeconds: 600,
    recovered: 0,
    warnings: [],
    measures: [],
    rows: 10,
    bytes: 100,
    gaps: 1,
    requests: 5,
    throttled: 2,
    unreadableItems: 0,
    clusters: { selected: [], deselected: [] },
    sequence: 3,
    ...changes,
  };
}

test('a complete run has all metrics', () => {
  expect(runMetrics(run({}))).toEqual({
    Runs: 1,
    Served: 1,
    FailedRuns: 0,
    FailedTargets: 0,
    Refusals: 0,
    Requests: 5,
    Throttled: 2,
    UnreadableItems: 0,
    Rows: 10,
    Bytes: 100,
    Gaps: 1,
    Recovered: 0,
    Lag: 600,
  });
});

test('a run that could not reach Atlas does not count as a run and has no lag, which is unknown', () => {
  const error = new AtlasUnreachableError('down', { ...errorContext, timedOut: false });
  const metrics = runMetrics(run({ outcome: 'failed', lagSeconds: 0, failures: [{ target: 'p', error }] }));
  expect(metrics).toMatchObject({ Runs: 0, FailedRuns: 1, FailedTargets: 1, Refusals: 0 });
  expect(metrics).not.toHaveProperty('Lag');
});

test('a continuation is a run, but serves no further message of a tick', () => {
  expect(runMetrics(run({ continuation: 1 }))).toMatchObject({ Runs: 1, Served: 0 });
});

test('refused credentials count as refusals', () => {
  const error = new AtlasAuthenticationError('no', errorContext);
  expect(runMetrics(run({ outcome: 'failed', failures: [{ target: 'p', error }] }))).toMatchObject({
    Refusals: 1,
  });
});

test.each<[string, Resume, number | null]>([
  ['has to wait for the next tick', NEXT_TICK, null],
  ['continues at once', NOW, 0],
  ['waits for the rate limit', { kind: 'at', time: 5_000 }, 5_000],
])(
  'the log of a run that %s names its project, its counts and when it continues',
  (_how, resume, continueAt) => {
    expect(finishedFields(run({ resume }))).toMatchObject({
      dataset: 'any',
      project: '5efda6aea3f2ed2e7dd6ce00',
      rows: 10,
      failedTargets: 0,
      continueAt,
    });
    expect(finishedFields(run({ resume }))).not.toHaveProperty('subject');
    const clusters = { selected: ['orders'], deselected: ['stock'] };
    const fields = finishedFields(run({ resume, clusters }));
    expect(fields).toMatchObject({ deselectedClusters: 1 });
    expect(JSON.stringify(fields)).not.toMatch(/orders|stock/);
  },
);
