import { randomUUID } from 'node:crypto';
import { type Dispatched, dispatchHandler } from '../functions/dispatch/dispatch.ts';
import type { AtlasClient } from '../shared/atlas/api.ts';
import type { Clock } from '../shared/clock.ts';
import type { CollectorConfig } from '../shared/config.ts';
import { NewerStateError } from '../shared/cursors/versions.ts';
import type { DeclaredDataset } from '../shared/engine/declaration.ts';
import type { FinishedRun, RunProgress } from '../shared/engine/run-result.ts';
import { datasetHandler } from '../shared/worker/dataset-handler.ts';
import { DATASET_TIMEOUT_SECONDS } from '../shared/worker/limits.ts';
import { RunQueue } from '../shared/worker/run-queue.ts';
import type { Log, Runtime } from '../shared/worker/runtime.ts';
import { drain } from './event-source.ts';
import type { LocalAws } from './local-aws.ts';

/** The collector on one machine: the deployed functions, fed by stand-ins for the scheduler and the queues. */
export interface LocalCollector {
  /** What a schedule does: one message for each project. Throws what `dispatch` throws. */
  dispatch(dataset: DeclaredDataset, tick: number): Promise<Dispatched>;
  /** What the queues' event sources do: runs the functions until nothing is left to do. */
  work(datasets: readonly DeclaredDataset[]): Promise<void>;
  /** Errors that ended a run and do not come from Atlas. */
  readonly crashes: readonly unknown[];
}

export interface LocalCollectorOptions {
  datasets: readonly DeclaredDataset[];
  config: CollectorConfig;
  aws: LocalAws;
  atlas: AtlasClient;
  clock: Clock;
  log: Log;
  /** What hashes of withheld values are keyed with. */
  redactionKey: string | null;
  onProgress(progress: RunProgress): void;
  onFinished(run: FinishedRun): void;
}

export async function createLocalCollector(options: LocalCollectorOptions): Promise<LocalCollector> {
  const { datasets, aws, log } = options;
  const urls = new Map<string, string>();
  for (const { name } of datasets) urls.set(name, await aws.createQueue(name));
  const url = (dataset: string): string => {
    const known = urls.get(dataset);
    if (!known) throw new Error(`no queue for ${dataset}`);
    return known;
  };
  const crashes: unknown[] = [];
  const runtime: Runtime = {
    ...options,
    cursors: aws.cursors,
    lake: aws.lake,
    queue: (dataset) => new RunQueue(aws.sqs, url(dataset)),
    redactionKey: async () => options.redactionKey,
    newId: randomUUID,
    // Whoever holds a lease here has been killed: the lake's folder is held by this process alone.
    breakLease: true,
    onCrashed(dataset, error) {
      crashes.push(error);
      log.error('the run crashed', { dataset, error });
    },
  };
  // A refusal is thrown too: the command ends with it. What is not listed is part of the result.
  const reported = { onRefused: () => {}, onUnlisted: () => {}, onUnreadable: () => {} };
  const dispatch = dispatchHandler(datasets, async () => ({ ...runtime, units: aws.units, ...reported }));
  return {
    crashes,
    dispatch: ({ name }, tick) =>
      dispatch(
        { dataset: name, tick: new Date(tick).toISOString() },
        { getRemainingTimeInMillis: () => DATASET_TIMEOUT_SECONDS * 1000 },
      ),
    async work(chosen) {
      const queues = chosen.map((dataset) =>
        drain({
          sqs: aws.sqs,
          queueUrl: url(dataset.name),
          handler: datasetHandler(dataset, async () => runtime),
          // What a later version has written stops its own dataset and project only.
          crashed: () => crashes.some((error) => !(error instanceof NewerStateError)),
        }),
      );
      await Promise.all(queues);
    },
  };
}
