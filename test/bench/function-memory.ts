import { createOrganisation } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';
import { deployCollector } from '../infra/deployed-collector.ts';

const T = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
const HOSTS = 10;

/** The benchmark fails when it takes more. */
const LIMIT_MEGABYTES = 256;

/** Five a second for an hour, the span of a first request, are nearly as many as an answer can have. */
const BURST = { from: T - 4 * HOUR, to: T - HOUR, perSecond: 5 };

/**
 * Peak resident memory, in MB, of the function of access logs as it is deployed, with ten hosts that log nearly 20,000
 * entries in each window: the bundle under AWS's runtime interface client, the stand-ins in another process.
 */
export async function functionMemory(): Promise<{ entries: number; megabytes: number }> {
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [{ name: 'c', nodes: HOSTS, databases: ['a'], accessLogs: { bursts: [BURST] } }],
      },
    ],
  });
  const simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  const deployed = await deployCollector({ atlas: simulator.url, now: T });
  try {
    const { clientId, clientSecret } = simulator.credentials;
    deployed.secret.content = JSON.stringify({ clientId, clientSecret });
    await deployed.dispatch.invoke(deployed.tickOf('access_logs'));
    await deployed.work('access_logs');
    const megabytes = Math.round((await deployed.peakMemory('access_logs')) / 2 ** 20);
    if (megabytes >= LIMIT_MEGABYTES) throw new Error(`the function of access logs took ${megabytes} MB`);
    return {
      entries: (HOSTS * BURST.perSecond * (BURST.to - BURST.from)) / 1000,
      megabytes,
    };
  } finally {
    await deployed.close();
    await simulator.close();
  }
}
