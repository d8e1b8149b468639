import { datasets } from '../../functions/datasets.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { tableRows } from '../support/lake-files.ts';
import { instantOf } from '../support/times.ts';
import { startBenchCollector } from './collector.ts';

const T = Date.parse('2026-03-02T00:00:00Z');

/** Measured after an hour, in which the backfill is read. */
const FROM = T + HOUR;
const TO = T + 4 * HOUR;

/** The age of values on arrival, minutes. */
export interface Freshness {
  dataset: string;
  everyMinutes: number;
  settleMinutes: number;
  median: number;
  p90: number;
  requestsPerHour: number;
}

/** 3 processes with 10 databases and 1 disk each, as the reference project. Databases are sampled at different times. */
const organisation = createOrganisation({
  projects: [
    {
      name: 'reference',
      clusters: [
        {
          name: 'c',
          nodes: 3,
          databases: Array.from({ length: 10 }, (_, number) => `db${number}`),
          disks: ['data'],
          accessLogs: { perHour: 600 },
        },
      ],
    },
  ],
});

/** What is measured: the datasets with a goal, at their own schedule and at others that the configuration offers. */
const MEASURED: ReadonlyArray<readonly [name: string, everyMinutes?: number]> = [
  ['database_measurements'],
  ['database_measurements', 10],
  ['disk_measurements'],
  ['disk_measurements', 5],
  ['disk_measurements', 20],
  ['process_measurements'],
  ['process_measurements', 5],
  ['process_measurements', 20],
  ['access_logs'],
  ['access_logs', 5],
];

/**
 * Measures the ages of values: `collected_at` minus `ts`, the start of a value's interval. Runs start at their scheduled
 * time. In AWS the schedule adds up to a minute, and a full queue its waiting time.
 */
export async function freshness(): Promise<Freshness[]> {
  const figures: Freshness[] = [];
  for (const [name, everyMinutes] of MEASURED) {
    const dataset = datasets.find((its) => its.name === name);
    if (!dataset) throw new Error(`no dataset ${name}`);
    figures.push(await measure(dataset, everyMinutes ?? dataset.everyMinutes));
  }
  return figures;
}

async function measure(dataset: Dataset, everyMinutes: number): Promise<Freshness> {
  const { name, offsetMinutes = 0, defaults } = dataset;
  const config = { datasets: { [name]: { backfill: 'PT1H' } } };
  const collector = await startBenchCollector({ organisation, start: T, config });
  try {
    const [project] = collector.projects;
    if (!project) throw new Error('no project');
    const offset = (offsetMinutes % everyMinutes) * MINUTE;
    let requests = 0;
    for (let tick = T + offset; tick < TO; tick += everyMinutes * MINUTE) {
      collector.simulator.clock.set(Math.max(tick, collector.simulator.clock.now()));
      const run = await collector.collect(dataset, project, tick);
      if (tick >= FROM) requests += run.requests;
    }
    const rows = await tableRows(collector.bucket, name);
    const ages = rows
      .filter((row) => instantOf(row['collected_at']) >= FROM)
      .map((row) => (instantOf(row['collected_at']) - instantOf(row['ts'])) / MINUTE)
      .sort((a, b) => a - b);
    return {
      dataset: name,
      everyMinutes,
      settleMinutes: (defaults.settle ?? 0) / MINUTE,
      median: share(ages, 0.5),
      p90: share(ages, 0.9),
      requestsPerHour: Math.round((requests * HOUR) / (TO - FROM)),
    };
  } finally {
    await collector.close();
  }
}

/** Returns the value below which a share of sorted values lies; of two middle ones, their mean. */
function share(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) throw new Error('no values arrived');
  return Math.round(10 * ((low + high) / 2)) / 10;
}
