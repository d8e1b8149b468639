import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import type { PublicationMetric } from '../../shared/publication/metrics.ts';
import { CREDENTIAL_DIMENSION, METRIC_DIMENSION, type MetricName } from '../../shared/worker/metrics.ts';

/** The metrics that the functions of one deployment publish. */
export class CollectorMetrics {
  readonly #namespace: string;

  /** @param namespace that of the deployment, because two deployments have datasets of the same names */
  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Returns a metric that a dataset's function publishes, summed over its runs. */
  summed({ name }: DatasetDeclaration, metricName: MetricName, period: Duration): Metric {
    return new Metric({
      namespace: this.#namespace,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: name },
      statistic: Stats.SUM,
      period,
    });
  }

  /** Returns the number of refusals of one credential, in runs and ticks of all datasets. */
  refusalsOf(credential: string, period: Duration): Metric {
    return new Metric({
      namespace: this.#namespace,
      metricName: 'Refusals' satisfies MetricName,
      dimensionsMap: { [CREDENTIAL_DIMENSION]: credential },
      statistic: Stats.SUM,
      period,
    });
  }

  /** Returns a metric's highest value over all projects. */
  highest(dataset: DatasetDeclaration, metricName: MetricName, period: Duration): Metric {
    return this.summed(dataset, metricName, period).with({ statistic: Stats.MAXIMUM });
  }

  /** Returns the highest value of a metric of the publication. */
  ofPublication(metricName: PublicationMetric, period: Duration): Metric {
    return new Metric({ namespace: this.#namespace, metricName, statistic: Stats.MAXIMUM, period });
  }

  /** Returns the percentage of the messages of ticks that were answered, over at least an hour and one tick. */
  served(dataset: DatasetDeclaration): MathExpression {
    const period = Duration.minutes(Math.max(dataset.everyMinutes, 60));
    return new MathExpression({
      expression: '100 * FILL(served, 0) / dispatched',
      usingMetrics: {
        served: this.summed(dataset, 'Served', period),
        dispatched: this.summed(dataset, 'Dispatched', period),
      },
      period,
      label: `percentage of ${dataset.name} messages served`,
    });
  }
}

/** Returns the time between ticks, but at least five minutes, because a schedule may be four minutes late. */
export function tickPeriod({ everyMinutes }: DatasetDeclaration): Duration {
  return Duration.minutes(Math.max(everyMinutes, 5));
}
