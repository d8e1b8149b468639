import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { createLocalCollector } from '../../../cli/local-collector.ts';
import { datasets as all } from '../../../functions/datasets.ts';
import { createAtlasClients, onlyCredential } from '../../../shared/atlas/clients.ts';
import type { Clock } from '../../../shared/clock.ts';
import { parseConfig } from '../../../shared/config.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startSimulator } from '../../../simulator/server.ts';
import type { SeenRequest } from '../../support/fault-proxy.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { startTestAws } from '../../support/test-aws.ts';
import { countBytes } from './byte-counter.ts';
import { Meter } from './meter.ts';
import type { DatasetUsage } from './usage.ts';

/** What is collected by default. */
const datasets = all.filter(({ isOptional }) => !isOptional);

const START = Date.parse('2026-03-02T00:00:00Z');

/** How long ticks are counted, after a first tick for the backfill. */
const SPAN = 3 * HOUR;

/** How many queries of each process are slow, per hour. More of them cost little. */
const SLOW_QUERIES = 20;

export interface Shape {
  /** The mongod processes of each project. */
  processes: number;
  /** The databases of each process. */
  databases: number;
  /** The disks of each process. */
  disks: number;
  /** The authentication attempts on each host per hour. */
  logins: number;
}

export interface Usage {
  /** The average usage of the ticks of each dataset. */
  datasets: DatasetUsage[];
  /** The bytes to and from Atlas in an hour, without TLS. */
  atlasBytesPerHour: number;
}

/** Collects a simulated project of this shape for some hours, and returns what it uses on average. */
export async function measure(shape: Shape): Promise<Usage> {
  const simulator = await startSimulator({
    organisation: createOrganisation({ projects: [project(shape)] }),
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
  const config = parseConfig({}, []);
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
    const tick = async (at: number) => {
      const due = datasets.filter(({ everyMinutes }) => at % (everyMinutes * MINUTE) === 0);
      simulator.clock.set(at);
      for (const dataset of due) await collector.dispatch(dataset, at);
      await collector.work(due);
    };
    await tick(START);
    meter.reset();
    traffic.bytes = 0;
    for (let at = START + MINUTE; at <= START + SPAN; at += MINUTE) await tick(at);
    const used = datasets.flatMap(({ name, everyMinutes }) => {
      const ticks = Math.floor(SPAN / (everyMinutes * MINUTE));
      return ticks === 0 ? [] : [{ name, everyMinutes, tick: meter.average(name, ticks) }];
    });
    return { datasets: used, atlasBytesPerHour: (traffic.bytes * HOUR) / SPAN };
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
function project({ processes, databases, disks, logins }: Shape) {
  const names = (what: string, number: number) =>
    Array.from({ length: number }, (_, index) => `${what}${index}`);
  return {
    name: 'measured',
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
