import { databaseMeasurementsDataset } from '../../functions/database-measurements/collector.ts';
import { MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { T } from '../support/times.ts';
import { startBenchCollector } from './collector.ts';

/** The limit of Monitoring and Logs: 300 requests at first, of which a fifth stays for others, and 100 a minute. */
const AT_ONCE = 0.8 * 300;
const PER_MINUTE = 100;

/** The latency of a request, in ms. Six requests run at a time. */
const LATENCY = 100;

/** Measures the share of the permitted requests that a project far behind uses until it has caught up. */
export async function rateLimitUse(): Promise<{ requests: number; minutes: number; share: number }> {
  const organisation = createOrganisation({
    projects: [
      {
        name: 'behind',
        clusters: [
          { name: 'c', nodes: 3, databases: Array.from({ length: 60 }, (_, number) => `db${number}`) },
        ],
      },
    ],
  });
  const collector = await startBenchCollector({
    organisation,
    start: T,
    rateLimits: true,
    perStep: LATENCY / 6,
  });
  try {
    const [project] = collector.projects;
    if (!project) throw new Error('no project');
    await collector.collect(databaseMeasurementsDataset, project, T);
    const monitoring = collector.simulator.requests.list.filter(
      ({ operation }) => operation !== null && !['token', 'listProjects', 'listClusters'].includes(operation),
    );
    const minutes = ((monitoring.at(-1)?.at ?? T) - T) / MINUTE;
    const requests = monitoring.length;
    return { requests, minutes, share: requests / (AT_ONCE + PER_MINUTE * minutes) };
  } finally {
    await collector.close();
  }
}
