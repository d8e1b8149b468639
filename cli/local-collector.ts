import { randomUUID } from 'node:crypto';
import { type Dispatched, dispatchHandler } from '../functions/dispatch/dispatch.ts';
import type { AtlasClients } from '../shared/atlas/clients.ts';
import type { Clock } from '../shared/clock.ts';
import type { CollectorConfig } from '../shared/config.ts';
import { NewerStateError } from '../shared/cursors/versions.ts';
import type { Dataset } from '../shared/engine/dataset.ts';
import type { FinishedRun, RunProgress } from '../shared/engine/run-result.ts';
import { datasetHandler } from '../shared/worker/dataset-handler.ts';
import { DATASET_TIMEOUT_SECONDS } from '../shared/worker/limits.ts';
import type { Log, Runtime } from '../shared/worker/runtime.ts';
import { drain, type WorkQueue } from './event-source.ts';
import type { LocalAws } from './local-aws.ts';
import { LocalQueue } from './local-queue.ts';
import { type SubjectNames, subjectNames } from './subject-names.ts';

/** The collector on one machine: the deployed functions, with stand-ins for the scheduler and the queues. */
export interface LocalCollector {
  /** Sends one message for each project, like a schedule. Throws the errors of `dispatch`. */
  dispatch(dataset: Dataset, tick: number): Promise<Dispatched>;
  /** Runs the functions until the queues are empty, like the event sources. */
  work(datasets: readonly Dataset[]): Promise<void>;
  /** The names of the projects that Atlas listed. */
  readonly names: SubjectNames;
  /** Errors that ended a run, other than Atlas's errors. */
  readonly crashes: readonly unknown[];
}

export interface LocalCollectorOptions {
  datasets: readonly Dataset[];
  config: CollectorConfig;
  aws: LocalAws;
  atlas: AtlasClients;
  clock: Clock;
  log: Log;
  /** The key for hashes of redacted values. */
  redactionKey: string | null;
  /** Creates the queue of a dataset. @default queues in memory */
  createQueue?(dataset: string): Promise<WorkQueue>;
  onProgress(progress: RunProgress): void;
  onFinished(run: FinishedRun): void;
}

export async function createLocalCollector(options: LocalCollectorOptions): Promise<LocalCollector> {
  const { datasets, aws, clock, log } = options;
  const { createQueue = async () => new LocalQueue(clock) } = options;
  const queues = new Map<string, WorkQueue>();
  for (const { name } of datasets) queues.set(name, await createQueue(name));
  const queue = (dataset: string): WorkQueue => {
    const known = queues.get(dataset);
    if (!known) throw new Error(`no queue for ${dataset}`);
    return known;
  };
  const crashes: unknown[] = [];
  const runtime: Runtime = {
    ...options,
    cursors: aws.cursors,
    lake: aws.lake,
    queue,
    redactionKey: async () => options.redactionKey,
    newId: randomUUID,
    // Only this process has locked the lake's folder, so the holder of any other lease was killed.
    breakLease: true,
    skipRedundant: false,
    onRedundant: () => {},
    onCrashed(dataset, error) {
      crashes.push(error);
      log.error('the run crashed', { dataset, error });
    },
  };
  // Not needed here: the result contains the refused credentials and the unlisted subjects.
  const reported = {
    ...{ onRefused: () => {}, onUnlistable: () => {}, onUnlisted: () => {} },
    ...{ onUnreadable: () => {}, onSent: () => {} },
  };
  const dispatch = dispatchHandler(datasets, async () => ({
    ...runtime,
    subjects: aws.subjects,
    ...reported,
  }));
  let names: SubjectNames = new Map();
  return {
    crashes,
    get names() {
      return names;
    },
    async dispatch({ name }, tick) {
      const dispatched = await dispatch(
        { dataset: name, tick: new Date(tick).toISOString() },
        { getRemainingTimeInMillis: () => DATASET_TIMEOUT_SECONDS * 1000 },
      );
      names = subjectNames([...dispatched.names].map(([subject_id, its]) => ({ subject_id, name: its })));
      return dispatched;
    },
    async work(chosen) {
      const drained = chosen.map((dataset) =>
        drain({
          queue: queue(dataset.name),
          handler: datasetHandler(dataset, async () => runtime),
          // State of a later version stops only its own dataset and project.
          crashed: () => crashes.some((error) => !(error instanceof NewerStateError)),
        }),
      );
      await Promise.all(drained);
    },
  };
}
