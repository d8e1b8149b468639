import { isRefusal } from '../engine/errors.ts';
import type { FinishedRun } from '../engine/run-result.ts';

/** The metrics of the functions, declared once for publishing, the alarms and the dashboard. */

/** The namespace, unless the deployment has another one. */
export const METRIC_NAMESPACE = 'AtlasLake';

/**
 * The dimension of all metrics. The project is not one: CloudWatch bills each value of a dimension as a metric, and an
 * alarm could not know the projects. The maximum of Lag is that of the worst project; the log shows which
 * one, because every line of metrics names its project.
 */
export const METRIC_DIMENSION = 'dataset';

/**
 * The dimension of `Refusals` by the name of the credential. Credentials are few, and the configuration can name them. A
 * credential without a name has no such metric.
 */
export const CREDENTIAL_DIMENSION = 'credential';

export const METRICS = {
  Dispatched: {
    unit: 'Count',
    description: 'messages that a tick sent: one for each project or organisation',
  },
  Served: {
    unit: 'Count',
    description: 'messages of ticks that were answered: by a run, or because a later run had done their work',
  },
  Runs: { unit: 'Count', description: 'runs that finished and could read from Atlas' },
  Crashes: { unit: 'Count', description: 'runs that ended with an error that is not from Atlas' },
  FailedRuns: {
    unit: 'Count',
    description:
      'runs that could not read anything from Atlas, and credentials that could not list their projects',
  },
  FailedTargets: { unit: 'Count', description: 'targets that could not be collected' },
  Refusals: { unit: 'Count', description: 'runs and ticks that Atlas refused, or that had no credentials' },
  Unlisted: {
    unit: 'Count',
    description: 'projects and organisations with data that Atlas no longer lists',
  },
  Requests: { unit: 'Count', description: 'requests to Atlas, including retries' },
  Throttled: { unit: 'Count', description: 'requests that Atlas throttled or the rate limiter delayed' },
  Rows: { unit: 'Count', description: 'rows committed' },
  Bytes: { unit: 'Bytes', description: 'compressed size of what was committed' },
  Gaps: { unit: 'Count', description: 'spans that can never be collected' },
  UnreadableItems: {
    unit: 'Count',
    description: 'items of lists that were skipped because of an unexpected form',
  },
  Recovered: { unit: 'Count', description: 'commits that the cursor table lacked, applied from the lake' },
  Lag: { unit: 'Seconds', description: 'lag of the target that is furthest behind the run' },
} as const satisfies Record<string, { unit: 'Count' | 'Seconds' | 'Bytes'; description: string }>;

export type MetricName = keyof typeof METRICS;

export type MetricValues = Partial<Record<MetricName, number>>;

/** Returns the metrics of a finished run. */
export function runMetrics(run: FinishedRun): MetricValues {
  const failed = run.outcome === 'failed';
  return {
    Runs: failed ? 0 : 1,
    FailedRuns: failed ? 1 : 0,
    Served: run.continuation === 0 ? 1 : 0,
    FailedTargets: run.failures.length,
    Refusals: run.failures.some(({ error }) => isRefusal(error)) ? 1 : 0,
    Requests: run.requests,
    Throttled: run.throttled,
    Rows: run.rows,
    Bytes: run.bytes,
    Gaps: run.gaps,
    Recovered: run.recovered,
    UnreadableItems: run.unreadableItems,
    // A run that could not read anything does not know its lag. An unknown lag is not a lag of zero.
    ...(!failed && { Lag: run.lagSeconds }),
  };
}
