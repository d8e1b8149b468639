import { expect, test, vi } from 'vitest';
import { AtlasAuthenticationError, AtlasUnreachableError } from '../../../shared/atlas/errors.ts';
import { NEXT_TICK, NOW, type Resume } from '../../../shared/engine/errors.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { isProjectId } from '../../../shared/ids.ts';
import { finishedFields } from '../../../shared/worker/dataset-handler.ts';
import { MetricLog } from '../../../shared/worker/metric-log.ts';
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

/** Returns what a log writes: dimensions and values of each line of the embedded metric format. */
function written(use: (metrics: MetricLog) => void): unknown[] {
  const lines: string[] = [];
  // With these variables, powertools writes to the global console, which the test can read.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const out = vi.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  use(new MetricLog('AtlasLake'));
  out.mockRestore();
  vi.unstubAllEnvs();
  return lines.map((line) => JSON.parse(line));
}

const dimensionsOf = (lines: unknown[]) =>
  lines.map((line) => JSON.stringify(line).match(/"Dimensions":(\[\[.*?\]\])/)?.[1]);

test('a refusal of a named credential counts for the dataset and for the credential', () => {
  const lines = written((metrics) => metrics.refused('alerts', 'globex'));
  expect(dimensionsOf(lines)).toEqual(['[["dataset"]]', '[["credential"]]']);
  expect(lines).toMatchObject([
    { dataset: 'alerts', credential: 'globex', Refusals: 1 },
    { credential: 'globex', Refusals: 1 },
  ]);
  expect(lines[1]).not.toHaveProperty('dataset');
});

test('a refusal of a credential without a name counts for the dataset only', () => {
  const error = new AtlasAuthenticationError('no', errorContext);
  const refused = run({ outcome: 'failed', failures: [{ target: 'p', error }] });
  for (const lines of [
    written((metrics) => metrics.refused('alerts', null)),
    written((metrics) => metrics.finished(refused, null)),
  ]) {
    expect(dimensionsOf(lines)).toEqual(['[["dataset"]]']);
    expect(lines[0]).not.toHaveProperty('credential');
  }
  expect(dimensionsOf(written((metrics) => metrics.finished(refused, 'acme')))).toEqual([
    '[["dataset"]]',
    '[["credential"]]',
  ]);
});
