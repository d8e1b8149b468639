import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { backfillLake } from '../../cli/backfill/backfill-lake.ts';
import { type LakeStore, storeOf } from '../../cli/backfill/lake-store.ts';
import { datasetNamed } from '../../cli/chosen.ts';
import { clockFrom } from '../../cli/clocks.ts';
import type { WorkQueue } from '../../cli/event-source.ts';
import { BUCKET, startLocalAws } from '../../cli/local-aws.ts';
import { createLocalCollector, type LocalCollector } from '../../cli/local-collector.ts';
import { LocalQueue } from '../../cli/local-queue.ts';
import { RunSummaries, type RunSummary } from '../../cli/run-summary.ts';
import { datasets } from '../../functions/datasets.ts';
import type { Dispatched } from '../../functions/dispatch/dispatch.ts';
import type { AtlasCredentials } from '../../shared/atlas/api.ts';
import { type CredentialSet, createAtlasClients, onlyCredential } from '../../shared/atlas/clients.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseConfig } from '../../shared/config.ts';
import type { BackfillResult } from '../../shared/engine/backfill/backfill.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { Log } from '../../shared/worker/runtime.ts';
import type { Organisation } from '../../simulator/organisation.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts';
import { EXTERNAL_AWS, shareOf } from './external-aws.ts';
import { QUIET } from './quiet-log.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface Scenario {
  simulator: Simulator;
  /** The warnings that the collector logged. */
  warnings: readonly string[];
  /** The folder that holds the lake's objects. */
  bucket: string;
  /** Moves the simulated time to a tick and runs it, for every dataset by default. */
  tick(at: number, only?: readonly string[]): Promise<RunSummary[]>;
  /** What the ticks of the last call dispatched. */
  readonly dispatched: readonly Dispatched[];
  /** Creates a second collector on the same lake with its own queues. Only the protocol keeps the two apart. */
  rival(datasets?: readonly Dataset[]): Promise<LocalCollector>;
  /** Backfills a period of a dataset, beside the collector: only the protocol keeps the two apart. */
  backfill(
    dataset: string,
    period: { from: number; to: number },
    options?: {
      isDryRun?: boolean;
      config?: unknown;
      redactionKey?: string;
      now?: number;
      /** Returns the store that the backfill uses instead. */
      store?: (store: LakeStore) => LakeStore;
    },
  ): Promise<BackfillResult[]>;
  /** Stops the collector and starts it again on the same lake, like a new process. `meanwhile` gets its folder. */
  restart(meanwhile?: (folder: string) => Promise<void>): Promise<void>;
  /** Errors that ended runs since the last start and do not come from Atlas. */
  readonly crashes: readonly unknown[];
  close(): Promise<void>;
}

/** The datasets of measurement series. */
export const MEASUREMENTS = ['database_measurements', 'disk_measurements'];

/**
 * Starts the command line's collector in this process, with a simulator and stand-ins for AWS: the local ones, or those
 * of `npm run test:aws`.
 */
export async function startScenario(options: {
  organisation: Organisation;
  start: number;
  config?: unknown;
  redactionKey?: string;
  simulator?: Partial<SimulatorOptions>;
  /** The collector's credentials, read again each time. @default one of the simulator, without a name */
  credentials?: () => CredentialSet;
  /** Whether the collector uses an API key instead of a service account. */
  apiKey?: boolean;
  /** How many times faster than real time the simulated time runs. By default, it moves only when the collector waits. */
  speed?: number;
  /** How far the simulated time moves each time the collector reads the clock, in ms. */
  step?: number;
  /** Returns how far the collector's clock is ahead of Atlas's, in ms. @default 0 */
  skew?: () => number;
  /** Returns the address of a proxy in front of the simulator, which the collector uses as Atlas. */
  front?: (simulator: Simulator) => Promise<string>;
  /** @default no log */
  log?: Log;
}): Promise<Scenario> {
  const simulator = await startSimulator({
    organisation: options.organisation,
    now: options.start,
    rateLimits: false,
    ...options.simulator,
  });
  const folder = await makeTemporaryFolder();
  const { clientId, clientSecret, publicKey, privateKey } = simulator.credentials;
  const credentials: AtlasCredentials = options.apiKey
    ? { kind: 'api-key', publicKey, privateKey }
    : { kind: 'service-account', clientId, clientSecret };
  const { clock, stop: stopTime } = startTime(simulator, options);
  const baseUrl = (await options.front?.(simulator)) ?? simulator.url;
  const config = parseConfig(options.config ?? {}, datasets);
  const warnings: string[] = [];
  const log: Log = {
    ...(options.log ?? QUIET),
    warn(message, fields) {
      warnings.push(message);
      options.log?.warn(message, fields);
    },
  };
  let summaries = new RunSummaries();
  const bucket = path.join(folder, BUCKET);
  const share = EXTERNAL_AWS && (await shareOf(EXTERNAL_AWS, bucket));
  const start = async () => {
    const aws = share ? await share.connect() : await startLocalAws(folder);
    const atlas = createAtlasClients({
      baseUrl,
      credentials: async () => options.credentials?.() ?? onlyCredential(credentials),
      clock,
      random: () => 0.5,
      reserve: config.rateReserve,
      log,
    });
    const collectorOn = (its: readonly Dataset[] = datasets) =>
      createLocalCollector({
        datasets: its,
        config,
        aws,
        atlas,
        clock,
        log,
        redactionKey: options.redactionKey || null,
        createQueue: share?.createQueue ?? (async () => newQueue(options.speed)),
        onProgress: () => {},
        onFinished: (run) => summaries.add(run),
      });
    const collector = await collectorOn();
    const backfill: Scenario['backfill'] = (
      name,
      period,
      { isDryRun = false, config: its, now, redactionKey, store = (same: LakeStore) => same } = {},
    ) => {
      if (now !== undefined) simulator.clock.set(now);
      return backfillLake({
        dataset: datasetNamed(name),
        ...{ period, isDryRun, atlas, clock },
        config: its === undefined ? config : parseConfig(its, datasets),
        only: [],
        redactionKey: redactionKey ?? (options.redactionKey || null),
        store: store({ ...storeOf(aws, log), breakLease: false }),
        onProgress: () => {},
        onDay: () => {},
        onWait: () => {},
        signal: new AbortController().signal,
        newId: randomUUID,
      });
    };
    const stop = async () => {
      await atlas.close();
      await aws.close();
    };
    return { collector, rival: collectorOn, backfill, stop };
  };
  let running = await start();
  let dispatched: Dispatched[] = [];
  return {
    simulator,
    warnings,
    bucket,
    async tick(at, only) {
      const { collector } = running;
      simulator.clock.set(at);
      summaries = new RunSummaries();
      const due = datasets.filter(({ name }) => only === undefined || only.includes(name));
      dispatched = [];
      for (const dataset of due) dispatched.push(await collector.dispatch(dataset, at));
      await collector.work(due);
      const [crash] = collector.crashes;
      if (crash !== undefined) throw crash;
      return summaries.list();
    },
    get dispatched() {
      return dispatched;
    },
    rival: (its) => running.rival(its),
    backfill: (...request) => running.backfill(...request),
    get crashes() {
      return running.collector.crashes;
    },
    async restart(meanwhile) {
      await running.stop();
      await meanwhile?.(folder);
      running = await start();
    },
    async close() {
      await running.stop();
      stopTime();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Queues hide messages this many times longer than simulated time requires, so that rate limits are full again. */
const PATIENCE = 3;

/** Returns a queue that hides messages by real time, or by simulated time if that runs faster. */
function newQueue(speed = PATIENCE): WorkQueue {
  return new LocalQueue(clockFrom(0, speed / PATIENCE));
}

function startTime(
  simulator: Simulator,
  { speed, step = 0, skew = () => 0 }: { speed?: number; step?: number; skew?: () => number },
): { clock: Clock; stop(): void } {
  const now = () => {
    simulator.clock.advance(step);
    return simulator.clock.now() + skew();
  };
  if (speed === undefined) {
    const sleep: Clock['sleep'] = async (milliseconds, signal) => {
      await setTimeout(Math.min(milliseconds, 20), undefined, signal && { signal });
      simulator.clock.advance(milliseconds);
    };
    return { clock: { now, sleep }, stop: () => {} };
  }
  let last = performance.now();
  const timer = setInterval(() => {
    const passed = performance.now() - last;
    last += passed;
    simulator.clock.advance(passed * speed);
  }, 2);
  const sleep: Clock['sleep'] = async (milliseconds, signal) => {
    await setTimeout(milliseconds / speed, undefined, signal && { signal });
  };
  return { clock: { now, sleep }, stop: () => clearInterval(timer) };
}
