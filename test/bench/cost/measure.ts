import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { createLocalCollector } from '../../../cli/local-collector.ts';
import { datasets as all } from '../../../functions/datasets.ts';
import { createAtlasClients, onlyCredential } from '../../../shared/atlas/clients.ts';
import type { Clock } from '../../../shared/clock.ts';
import { parseConfig } from '../../../shared/config.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { Dataset } from '../../../shared/engine/dataset.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startSimulator } from '../../../simulator/server.ts';
import type { SeenRequest } from '../../support/fault-proxy.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { startTestAws } from '../../support/test-aws.ts';
import { countBytes } from './byte-counter.ts';
import { type Shape, SLOW_QUERIES } from './measurement.ts';
import { Meter } from './meter.ts';
import type { DatasetUsage } from './usage.ts';

/** What is collected by default. */
const datasets = all.filter(({ isOptional }) => !isOptional);

/** The first tick, an hour before midnight. It and the rest of the hour belong to the backfill, and are not counted. */
const START = Date.parse('2026-03-01T23:00:00Z');
const MIDNIGHT = START + HOUR;

/**
 * Returns how long the ticks of a dataset are counted: a day, because some lists are read once a day. Datasets of measurements and logs
 * do the same in each quarter of a day, in which each has one row of `collection_runs`.
 */
function spanOf({ everyMinutes }: { everyMinutes: number }): number {
  return everyMinutes < 60 ? 6 * HOUR : DAY;
}

/**
 * Collects one project of a simulated organisation of such projects, and the organisation itself, for a day. Returns what each
 * dataset uses on average.
 */
export async function measure(shape: Shape, projects: number): Promise<DatasetUsage[]> {
  const organisation = createOrganisation({
    projects: Array.from({ length: projects }, (_, index) => project(shape, index)),
  });
  const [measured] = organisation.projects;
  if (!measured) throw new Error('there must be a project');
  const simulator = await startSimulator({
    organisation,
    now: START,
    rateLimits: false,
  });
  const traffic = await countBytes(simulator.url);
  const folder = await makeTemporaryFolder();
  const queues = await startLocalAws(folder);
  const stores = await startTestAws();
  const clock: Clock = {
    now: () => simulator.clock.now(),
    sleep: async (_, signal) => {
      await setTimeout(1, undefined, signal && { signal });
    },
  };
  const config = parseConfig({ projects: [measured.id] }, []);
  const meter = new Meter();
  stores.s3.watch(
    noting((request) => meter.s3(request)),
    () => {},
  );
  stores.dynamodb.watch(
    noting((request) => meter.dynamodb(request)),
    () => {},
  );
  const { clientId, clientSecret } = simulator.credentials;
  const atlas = createAtlasClients({
    baseUrl: traffic.url,
    credentials: async () => onlyCredential({ kind: 'service-account', clientId, clientSecret }),
    clock,
    random: Math.random,
    reserve: config.rateReserve,
    log: meter.log,
  });
  try {
    const collector = await createLocalCollector({
      datasets,
      config,
      aws: { ...queues, cursors: stores.cursors, lake: stores.lake },
      atlas,
      clock,
      log: meter.log,
      redactionKey: null,
      onProgress: () => {},
      onFinished: (run) => meter.finished(run),
    });
    const tick = async (dataset: Dataset, at: number) => {
      simulator.clock.set(at);
      traffic.bytes = 0;
      await collector.dispatch(dataset, at);
      const dispatch = traffic.bytes;
      await collector.work([dataset]);
      meter.atlas(dataset.name, { dispatch, runs: traffic.bytes - dispatch });
    };
    for (const dataset of datasets) await tick(dataset, START);
    for (let at = START + MINUTE; at < MIDNIGHT + DAY; at += MINUTE) {
      if (at === MIDNIGHT) meter.reset();
      for (const dataset of datasets) {
        const isDue = at % (dataset.everyMinutes * MINUTE) === 0;
        if (isDue && at < MIDNIGHT + spanOf(dataset)) await tick(dataset, at);
      }
    }
    return datasets.map((dataset) => {
      const { name, everyMinutes } = dataset;
      const ticks = spanOf(dataset) / (everyMinutes * MINUTE);
      return {
        name,
        everyMinutes,
        project: meter.average(name, measured.id, ticks),
        organisation: meter.average(name, organisation.id, ticks),
        dispatchBytes: meter.averageDispatchBytes(name, ticks),
      };
    });
  } finally {
    await atlas.close();
    await traffic.close();
    await queues.close();
    await stores.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns a condition that sees all requests and matches none. */
function noting(note: (request: SeenRequest) => void): (request: SeenRequest) => boolean {
  return (request) => {
    note(request);
    return false;
  };
}

/** Returns a project with one collection in each database, and replica sets of three. The last one may be smaller. */
function project({ processes, databases, disks, logins }: Shape, index: number) {
  const names = (what: string, number: number) =>
    Array.from({ length: number }, (_, index) => `${what}${index}`);
  return {
    name: `project${index}`,
    clusters: Array.from({ length: Math.ceil(processes / 3) }, (_, index) => ({
      name: `cluster${index}`,
      nodes: Math.min(3, processes - index * 3),
      databases: names('database', databases).map((name) => ({ name, collections: ['items'] })),
      disks: names('disk', disks),
      accessLogs: { perHour: logins },
      slowQueries: { perHour: SLOW_QUERIES },
    })),
  };
}
