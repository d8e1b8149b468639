import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CredentialName, credentialField } from '../credential-name.ts';
import type { Measure } from '../engine/dataset.ts';
import type { FinishedRun } from '../engine/run-result.ts';
import type { Subject } from '../ids.ts';
import {
  CREDENTIAL_DIMENSION,
  METRIC_DIMENSION,
  METRICS,
  type MetricName,
  type MetricValues,
  runMetrics,
} from './metrics.ts';

/** Writes metrics to the log in CloudWatch's embedded metric format, which needs no extra requests. */
export class MetricLog {
  readonly #metrics: Metrics;

  constructor(namespace: string) {
    this.#metrics = new Metrics({ namespace });
    // The default dimension is `service`, a second name for the dataset.
    this.#metrics.clearDefaultDimensions();
  }

  finished(run: FinishedRun, credential: CredentialName): void {
    // Metadata is not a dimension, but on the same log line, for queries.
    this.#metrics.addMetadata('project', run.subject.id);
    const values = runMetrics(run);
    this.#publish(run.dataset, values, { measures: run.measures, credential });
    if (values.Refusals === 1) this.#countRefusal(credential);
  }

  crashed(dataset: string): void {
    this.#publish(dataset, { Crashes: 1 });
  }

  refused(dataset: string, credential: CredentialName): void {
    this.#publish(dataset, { Refusals: 1 }, { credential });
    this.#countRefusal(credential);
  }

  /** Counts a list of projects that could not be read. */
  unlistable(dataset: string): void {
    this.#publish(dataset, { FailedRuns: 1 });
  }

  unreadable(dataset: string, items: number): void {
    this.#publish(dataset, { UnreadableItems: items });
  }

  dispatched(dataset: string, messages: number): void {
    this.#publish(dataset, { Dispatched: messages });
  }

  /** Counts a message that was answered without a run. */
  redundant(dataset: string, { id }: Subject): void {
    this.#metrics.addMetadata('project', id);
    this.#metrics.addMetadata('redundant', 'true');
    this.#publish(dataset, { Served: 1 });
  }

  unlisted(dataset: string, count: number): void {
    this.#publish(dataset, { Unlisted: count });
  }

  /** Counts a refusal once more for the credential, so that each can have an alarm of its own. */
  #countRefusal(credential: CredentialName): void {
    if (credential === null) return;
    this.#metrics.addDimensions({ [CREDENTIAL_DIMENSION]: credential });
    this.#metrics.addMetric('Refusals', MetricUnit[METRICS.Refusals.unit], 1);
    this.#metrics.publishStoredMetrics();
  }

  #publish(
    dataset: string,
    values: MetricValues,
    about: { measures?: readonly Measure[]; credential?: CredentialName } = {},
  ): void {
    const { measures = [], credential = null } = about;
    for (const [field, value] of Object.entries(credentialField(credential)))
      this.#metrics.addMetadata(field, value);
    this.#metrics.addDimensions({ [METRIC_DIMENSION]: dataset });
    for (const [name, value] of Object.entries(values)) {
      if (isMetricName(name)) this.#metrics.addMetric(name, MetricUnit[METRICS[name].unit], value);
    }
    for (const { name, unit, value } of measures) this.#metrics.addMetric(name, MetricUnit[unit], value);
    this.#metrics.publishStoredMetrics();
  }
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
