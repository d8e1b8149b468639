import { datasets } from '../../functions/datasets.ts';
import { createAtlasClient } from '../../shared/atlas/client.ts';
import { parseConfig, settingsFor } from '../../shared/config.ts';
import { MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { runDataset } from '../../shared/engine/run.ts';
import type { FinishedRun } from '../../shared/engine/run-result.ts';
import { isProjectId, type ProjectId } from '../../shared/ids.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import type { Organisation } from '../../simulator/organisation.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts';
import { QUIET } from '../support/quiet-log.ts';
import { startTestAws } from '../support/test-aws.ts';

/** The time limit of a function, in ms. */
const TIMEOUT = 5 * MINUTE;

/** Runs the collector like the functions, but without queues. Waits and requests move the simulated time. */
export interface BenchCollector {
  simulator: Simulator;
  projects: readonly ProjectId[];
  /** The folder of the bucket. */
  bucket: string;
  /** The number of requests to the stand-ins. */
  readonly operations: Readonly<{ dynamodb: number; s3: number }>;
  /** Runs one tick of one dataset and project, with all its continuations. */
  collect(
    dataset: Dataset,
    project: ProjectId,
    tick: number,
  ): Promise<{ rows: number; requests: number; steps: number }>;
  close(): Promise<void>;
}

export async function startBenchCollector(options: {
  organisation: Organisation;
  start: number;
  config?: unknown;
  rateLimits?: SimulatorOptions['rateLimits'];
  /** How far a step moves the simulated time, in ms: the latency divided by the number of concurrent steps. */
  perStep?: number;
}): Promise<BenchCollector> {
  const { organisation, start, config: given = {}, rateLimits = false, perStep = 0 } = options;
  const simulator = await startSimulator({ organisation, now: start, rateLimits });
  const aws = await startTestAws();
  const operations = { dynamodb: 0, s3: 0 };
  for (const service of ['dynamodb', 's3'] as const) {
    aws[service].watch(
      () => true,
      (when) => {
        if (when === 'after') operations[service] += 1;
      },
    );
  }
  const clock = {
    now: () => simulator.clock.now(),
    async sleep(milliseconds: number) {
      simulator.clock.advance(milliseconds);
    },
  };
  const { clientId, clientSecret } = simulator.credentials;
  const config = parseConfig(given, datasets);
  const atlas = createAtlasClient({
    baseUrl: simulator.url,
    credentials: async () => ({ kind: 'service-account', clientId, clientSecret }),
    clock,
    random: () => 0.5,
    reserve: config.rateReserve,
    log: QUIET,
  });
  let runs = 0;
  let steps = 0;
  const once = async (dataset: Dataset, project: ProjectId, tick: number): Promise<FinishedRun> => {
    runs += 1;
    const result = await runDataset(
      {
        unlistedSince: null,
        credential: null,
        continuation: 0,
        subject: { kind: 'project', id: project },
        tick,
        deadline: clock.now() + TIMEOUT,
      },
      {
        dataset,
        settings: settingsFor(dataset, config),
        clusters: null,
        atlas,
        redactor: new Redactor({}, null),
        compression: config.compression,
        cursors: aws.cursors,
        lake: aws.lake,
        clock,
        newId: () => `run ${runs}`,
        breakLease: false,
        onProgress: () => {
          steps += 1;
          simulator.clock.advance(perStep);
        },
      },
    );
    if (result.outcome === 'held') throw new Error('the lease is held');
    return result;
  };
  return {
    simulator,
    projects: organisation.projects.map(({ id }) => id).filter(isProjectId),
    bucket: aws.bucket,
    operations,
    async collect(dataset, project, tick) {
      const total = { rows: 0, requests: 0, steps: 0 };
      steps = 0;
      for (;;) {
        const run = await once(dataset, project, tick);
        total.rows += run.rows;
        total.requests += run.requests;
        total.steps = steps;
        if (run.failures.length > 0) throw new Error('a target failed', { cause: run.failures[0]?.error });
        if (run.resume.kind === 'next-tick') return total;
        if (run.resume.kind === 'at') simulator.clock.set(Math.max(clock.now(), run.resume.time));
      }
    },
    async close() {
      await atlas.close();
      await aws.close();
      await simulator.close();
    },
  };
}
