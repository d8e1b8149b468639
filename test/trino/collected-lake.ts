import path from 'node:path';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { lakeFiles } from '../support/lake-files.ts';
import { startScenario } from '../support/scenario.ts';

/** A lake on this machine that the real collector wrote. */
export interface CollectedLake {
  /** The folder that the command line's option `--lake` means. */
  folder: string;
  /** The folder of the lake's objects. */
  bucket: string;
  /** The oldest day of any row. */
  firstDay: string;
  remove(): Promise<void>;
}

/**
 * Runs every dataset on a simulated organisation for some simulated hours, which end with the present hour.
 * @param past what the first collection finds. It limits the rows.
 */
export async function collectLake(
  hours: number,
  past: {
    /** How long the organisation exists before it, in ms. */
    age: number;
    /** How far back costs go, as an ISO 8601 duration. */
    costs: string;
  },
): Promise<CollectedLake> {
  const end = Math.floor(Date.now() / HOUR) * HOUR;
  const start = end - hours * HOUR;
  const accessLogs = { perHour: 10 };
  const organisation = createOrganisation({
    created: start - past.age,
    drift: true,
    projects: [
      {
        name: 'one',
        events: { perHour: 2 },
        alertConfigurations: [{ name: 'primary', eventTypeName: 'NO_PRIMARY' }],
        alerts: [
          { configuration: 'primary', created: start - DAY },
          { configuration: 'primary', created: start - 2 * HOUR, closed: start + 10 * MINUTE },
        ],
        clusters: [
          {
            name: 'orders',
            nodes: 1,
            accessLogs,
            slowQueries: { perHour: 5 },
            advice: { indexes: 3, drops: 2, schemas: 2 },
            queryShapes: 4,
            logs: { perHour: 60 },
            search: {},
            databases: [
              { name: 'orders', collections: ['carts', 'invoices.2026'] },
              { name: 'tenant_ä', collections: ['événements 100%'] },
            ],
          },
        ],
      },
      { name: 'two', clusters: [{ name: 'stock', nodes: 1, databases: ['a'], accessLogs }] },
    ],
  });
  const logs = { enabled: true, backfill: 'PT3H' };
  const config = {
    datasets: { cost_usage: { backfill: past.costs }, host_logs: logs, audit_logs: logs },
  };
  const scenario = await startScenario({ organisation, start, config });
  for (let at = start; at <= end; at += HOUR) await scenario.tick(at);
  const days = (await lakeFiles(scenario.bucket)).flatMap((key) => /\/dt=([^/]+)\//.exec(key)?.[1] ?? []);
  return {
    folder: path.dirname(scenario.bucket),
    bucket: scenario.bucket,
    firstDay: days.sort()[0] ?? '',
    remove: () => scenario.close(),
  };
}
