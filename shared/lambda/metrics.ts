import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { FinishedRun } from '../collection/result.ts';

export const METRIC_NAMESPACE = 'AtlasLake';

/** The metrics of a run, for each dataset and project: their names, units, and what they are made of. */
export const RUN_METRICS = {
  Runs: { unit: MetricUnit.Count, value: () => 1 },
  FailedRuns: { unit: MetricUnit.Count, value: (run) => (run.outcome === 'failed' ? 1 : 0) },
  FailedTargets: { unit: MetricUnit.Count, value: (run) => run.failures.length },
  Requests: { unit: MetricUnit.Count, value: (run) => run.requests },
  Throttled: { unit: MetricUnit.Count, value: (run) => run.throttled },
  Rows: { unit: MetricUnit.Count, value: (run) => run.rows },
  Bytes: { unit: MetricUnit.Bytes, value: (run) => run.bytes },
  Gaps: { unit: MetricUnit.Count, value: (run) => run.gaps },
  Lag: { unit: MetricUnit.Seconds, value: (run) => run.lagSeconds },
} as const satisfies Record<
  string,
  { unit: (typeof MetricUnit)[keyof typeof MetricUnit]; value: (run: FinishedRun) => number }
>;

/** Writes the metrics of one run to the log, in CloudWatch's embedded metric format. */
export function publishMetrics(metrics: Metrics, run: FinishedRun): void {
  metrics.addDimensions({ dataset: run.dataset, project: run.project });
  for (const [name, { unit, value }] of Object.entries(RUN_METRICS))
    metrics.addMetric(name, unit, value(run));
  for (const { name, unit, value } of run.measures) metrics.addMetric(name, MetricUnit[unit], value);
  metrics.publishStoredMetrics();
}
