import { createAtlasClients } from '../../../shared/atlas/clients.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { CollectorConfig } from '../../../shared/config.ts';
import { CursorStore } from '../../../shared/cursors/cursor-store.ts';
import { SubjectRegistry } from '../../../shared/cursors/subject-registry.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { ObjectStore } from '../../../shared/lake/object-store.ts';
import type { Invocation } from '../../../shared/worker/dataset-handler.ts';
import type { Runtime } from '../../../shared/worker/runtime.ts';
import { SqsRunQueue } from '../../../shared/worker/sqs-run-queue.ts';
import type { SimulatedAtlas } from '../../../simulator/atlas.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { AtlasDispatcher } from './atlas.ts';
import { awsClients, type SimulatedAws } from './aws/clients.ts';
import type { SimulatedCredentials } from './credentials.ts';
import type { Caller, Scheduler } from './scheduler.ts';

/** The functions' time limit in the stack. */
export const TIMEOUT = 5 * MINUTE;

export interface ContainerOptions {
  name: string;
  /** The function: a dataset's name, or `dispatch`. */
  function: string;
  config: CollectorConfig;
  /** How far its clock is ahead, in ms. */
  skew: number;
}

/** The invocation that a container works on. */
interface CurrentInvocation {
  startedAt: number;
  /** Whether its time limit has passed. */
  overdue: boolean;
  onKilled(): void;
  /** The message of a dataset's function. */
  message?: { project: string; credential?: string; tick: string };
}

/** The services of a container, and its callbacks. */
export interface ContainerServices {
  scheduler: Scheduler;
  atlas: SimulatedAtlas;
  aws: SimulatedAws;
  credentials: SimulatedCredentials;
  /** Called at the start of a run. Returns the run's id. */
  onRun(container: Container): string;
  onFinished(container: Container, run: FinishedRun): void;
  onCrashed(error: unknown): void;
}

/**
 * Simulates one container of a function. It takes one invocation at a time and keeps its clients between them. After it
 * is killed, it has no effect.
 */
export class Container implements Caller {
  readonly name: string;
  readonly function: string;
  readonly config: CollectorConfig;
  readonly skew: number;
  readonly runtime: Runtime;
  readonly units: SubjectRegistry;
  alive = true;
  /** The current invocation. Null if the container is idle. */
  invocation: CurrentInvocation | null = null;
  readonly #clock: Clock;

  constructor(options: ContainerOptions, services: ContainerServices) {
    const { scheduler, atlas } = services;
    this.name = options.name;
    this.function = options.function;
    this.config = options.config;
    this.skew = options.skew;
    this.#clock = {
      now: () => atlas.clock.now() + this.skew,
      sleep: (milliseconds, signal) => scheduler.sleep(this, atlas.clock.now() + milliseconds, signal),
    };
    const clients = awsClients(this, scheduler, services.aws);
    this.units = new SubjectRegistry(clients.dynamodb, 'cursors');
    this.runtime = this.#createRuntime(services, clients);
  }

  /** Returns Lambda's context for an invocation that starts now. */
  context(): Invocation {
    const until = this.#clock.now() + TIMEOUT;
    return { getRemainingTimeInMillis: () => until - this.#clock.now() };
  }

  #createRuntime(
    { scheduler, atlas, credentials, onRun, onFinished, onCrashed }: ContainerServices,
    { dynamodb, s3, sqs }: ReturnType<typeof awsClients>,
  ): Runtime {
    return {
      config: this.config,
      atlas: createAtlasClients({
        baseUrl: 'http://127.0.0.1',
        credentials: async () => credentials.at(atlas.clock.now()),
        clock: this.#clock,
        random: () => 0.5,
        reserve: this.config.rateReserve,
        log: QUIET,
        dispatcher: new AtlasDispatcher(this, scheduler, atlas, credentials),
      }),
      cursors: new CursorStore(dynamodb, 'cursors'),
      lake: new ObjectStore(s3, 'lake'),
      queue: (dataset) => new SqsRunQueue(sqs, queueUrl(dataset)),
      redactionKey: async () => null,
      clock: this.#clock,
      newId: () => onRun(this),
      log: QUIET,
      breakLease: false,
      skipRedundant: true,
      onRedundant: () => {},
      onProgress: () => {},
      onFinished: (run) => onFinished(this, run),
      onCrashed: (_, error) => onCrashed(error),
    };
  }
}

export function queueUrl(dataset: string): string {
  return `http://sqs.simulation/000000000000/${dataset}.fifo`;
}

export function datasetOfQueue(url: string): string | undefined {
  return /\/([a-z_]+)\.fifo$/.exec(url)?.[1];
}
