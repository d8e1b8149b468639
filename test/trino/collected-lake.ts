import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { lakeFiles } from '../support/lake-files.ts';
import { startScenario } from '../support/scenario.ts';

/** How long the organisation exists before its first collection. It limits the rows. */
const AGE = DAY;

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

/** Runs every dataset on a simulated organisation for some simulated hours, which end with the present hour. */
export async function collectLake(hours: number): Promise<CollectedLake> {
  const end = Math.floor(Date.now() / HOUR) * HOUR;
  const start = end - hours * HOUR;
  const accessLogs = { perHour: 10 };
  const organisation = createOrganisation({
    created: start - AGE,
    drift: true,
    projects: [
      {
        name: 'one',
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
  const scenario = await startScenario({ organisation, start });
  for (let at = start; at <= end; at += HOUR) await scenario.tick(at);
  const days: string[] = [];
  for (const key of await lakeFiles(scenario.bucket)) {
    const day = /\/dt=([^/]+)\//.exec(key)?.[1];
    if (day === undefined) continue;
    if (day < oldestDay(end)) await rm(path.join(scenario.bucket, key));
    else days.push(day);
  }
  return {
    folder: path.dirname(scenario.bucket),
    bucket: scenario.bucket,
    firstDay: days.sort()[0] ?? '',
    remove: () => scenario.close(),
  };
}

/** Returns the first day of the previous month. Costs of earlier months are left out, since Trino lists every day. */
function oldestDay(now: number): string {
  const date = new Date(now);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1)).toISOString().slice(0, 10);
}
