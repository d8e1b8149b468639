import { HOUR } from '../../shared/durations.ts';
import { createOrganisation, type OrganisationOptions } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';
import { deployCollector } from '../infra/deployed-collector.ts';
import { T } from '../support/times.ts';

/** Entries per second. In an hour, the span of a first request, five per second nearly fill an answer. */
export const PER_SECOND = 5;

export interface Peak {
  what: string;
  megabytes: number;
}

/** Measures peak memory for growing amounts of data, each in a separate process. */
export async function memory(): Promise<Peak[]> {
  const peaks: Peak[] = [];
  for (const count of [1, 10, 100]) {
    const disks = Array.from({ length: count }, (_, number) => `disk${number}`);
    peaks.push({
      what: `two days of disks: ${count}`,
      megabytes: await peakOf('disk_measurements', {
        projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, disks }] }],
      }),
    });
  }
  for (const nodes of [3, 9]) {
    peaks.push({
      what: `two days of processes: ${nodes}`,
      megabytes: await peakOf('process_measurements', {
        projects: [{ name: 'p', clusters: [{ name: 'c', nodes }] }],
      }),
    });
  }
  for (const windows of [1, 3, 10]) {
    const bursts = [{ from: T - (windows + 1) * HOUR, to: T - HOUR, perSecond: PER_SECOND }];
    peaks.push({
      what: `windows of nearly 20,000 access log entries: ${windows}`,
      megabytes: await peakOf('access_logs', {
        projects: [
          { name: 'p', clusters: [{ name: 'c', nodes: 1, databases: ['a'], accessLogs: { bursts } }] },
        ],
      }),
    });
  }
  for (const windows of [1, 4]) {
    const bursts = [{ from: T - (windows + 1) * HOUR, to: T - HOUR, perSecond: PER_SECOND }];
    peaks.push({
      what: `windows of nearly 20,000 slow queries: ${windows}`,
      megabytes: await peakOf('slow_queries', {
        projects: [
          { name: 'p', clusters: [{ name: 'c', nodes: 1, databases: ['a'], slowQueries: { bursts } }] },
        ],
      }),
    });
  }
  return peaks;
}

/**
 * Returns the peak resident memory, in MB, of a dataset's function in the first tick of an organisation. The function runs
 * as deployed: its bundle under AWS's runtime interface client, with the stand-ins in another process.
 */
export async function peakOf(dataset: string, shape: OrganisationOptions): Promise<number> {
  const simulator = await startSimulator({
    organisation: createOrganisation(shape),
    now: T,
    rateLimits: false,
  });
  const deployed = await deployCollector({ atlas: simulator.url, now: T });
  try {
    const { clientId, clientSecret } = simulator.credentials;
    deployed.secret.content = JSON.stringify({ clientId, clientSecret });
    await deployed.dispatch.invoke(deployed.tickOf(dataset));
    await deployed.work(dataset);
    return Math.round((await deployed.peakMemory(dataset)) / 2 ** 20);
  } finally {
    await deployed.close();
    await simulator.close();
  }
}
