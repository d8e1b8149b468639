import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { METRIC_DIMENSION, METRIC_NAMESPACE, type MetricName } from '../../shared/worker/metrics.ts';

/** A metric that a dataset's function publishes, summed over its runs. */
export function summed({ name }: DatasetDeclaration, metricName: MetricName, period: Duration): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSION]: name },
    statistic: Stats.SUM,
    period,
  });
}

/** The highest value of any project. */
export function highest(dataset: DatasetDeclaration, metricName: MetricName, period: Duration): Metric {
  return summed(dataset, metricName, period).with({ statistic: Stats.MAXIMUM });
}

/** The time from one tick to the next; five minutes at least, since a schedule may be four minutes late. */
export function tickPeriod({ everyMinutes }: DatasetDeclaration): Duration {
  return Duration.minutes(Math.max(everyMinutes, 5));
}
