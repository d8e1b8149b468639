import { datasets } from '../../functions/datasets.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { lakeFiles } from '../support/lake-files.ts';
import { startBenchCollector } from './collector.ts';

const T = Date.parse('2026-03-02T00:00:00Z');

/** The number of measured hours, after two hours for the backfill. */
const HOURS = 6;

/** 3 processes with 10 databases and 1 disk each, 40 alert configurations, 10 events an hour, 20 slow queries an hour on each process, a
 * log line each second. */
const organisation = createOrganisation({
  projects: [
    {
      name: 'reference',
      clusters: [
        {
          name: 'c',
          nodes: 3,
          databases: Array.from({ length: 10 }, (_, number) => ({
            name: `db${number}`,
            collections: ['orders', 'items'],
          })),
          disks: ['data'],
          accessLogs: { perHour: 600 },
          slowQueries: { perHour: 20 },
          advice: { indexes: 6, drops: 4, schemas: 3 },
          queryShapes: 50,
          logs: { perHour: 3_600 },
        },
      ],
      alertConfigurations: Array.from({ length: 40 }, (_, number) => ({
        name: `configuration ${number}`,
        eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
      })),
      events: { perHour: 10 },
      recurringAlerts: [{ configuration: 'configuration 0', every: 2 * HOUR, phase: 0, closedAfter: HOUR }],
    },
  ],
});

/**
 * The requests per hour of other collectors for the same project, by their own formulas. The OpenTelemetry receiver sends
 * 46 requests every 3 minutes, and twice as many with Digest challenges. Sumo Logic's collector sends 320.
 */
export const PEERS = {
  'OpenTelemetry mongodbatlasreceiver': 46 * 20,
  'OpenTelemetry mongodbatlasreceiver, Digest': 2 * 46 * 20,
  "Sumo Logic's collector": 320,
} as const;

export interface Requests {
  dataset: string;
  requestsPerHour: number;
  rowsPerHour: number;
  /** Null if nothing changed, so nothing was written. */
  dynamodbPerThousandRows: number | null;
  s3PerThousandRows: number | null;
  /** New objects a day: those with rows of the dataset, rows of `collection_runs`, and commit records. */
  objectsPerDay: ObjectCounts;
}

interface ObjectCounts {
  data: number;
  reports: number;
  records: number;
}

/** Counts the requests to Atlas and the AWS operations of each project dataset for the reference project. */
export async function requests(): Promise<Requests[]> {
  const figures: Requests[] = [];
  for (const dataset of datasets) {
    if (dataset.subjects?.includes('project') === false) continue;
    const collector = await startBenchCollector({ organisation, start: T });
    try {
      const [project] = collector.projects;
      if (!project) throw new Error('no project');
      const sum = { rows: 0, requests: 0, dynamodb: 0, s3: 0 };
      let filled: ObjectCounts | null = null;
      const step = dataset.everyMinutes * MINUTE;
      for (let tick = T; tick < T + (2 + HOURS) * HOUR; tick += step) {
        collector.simulator.clock.set(Math.max(tick, collector.simulator.clock.now()));
        const isMeasured = tick >= T + 2 * HOUR;
        if (isMeasured) filled ??= await objectsIn(collector.bucket);
        const before = { ...collector.operations };
        const { rows, requests } = await collector.collect(dataset, project, tick);
        if (!isMeasured) continue;
        sum.rows += rows;
        sum.requests += requests;
        sum.dynamodb += collector.operations.dynamodb - before.dynamodb;
        sum.s3 += collector.operations.s3 - before.s3;
      }
      const perThousand = (count: number) => (sum.rows > 0 ? Math.round((1_000 * count) / sum.rows) : null);
      figures.push({
        dataset: dataset.name,
        requestsPerHour: Math.round(sum.requests / HOURS),
        rowsPerHour: Math.round(sum.rows / HOURS),
        dynamodbPerThousandRows: perThousand(sum.dynamodb),
        s3PerThousandRows: perThousand(sum.s3),
        objectsPerDay: perDay(await objectsIn(collector.bucket), filled),
      });
    } finally {
      await collector.close();
    }
  }
  return figures;
}

async function objectsIn(bucket: string): Promise<ObjectCounts> {
  const counts = { data: 0, reports: 0, records: 0 };
  for (const key of await lakeFiles(bucket)) {
    if (key.startsWith('collection_runs/')) counts.reports += 1;
    else if (key.startsWith('_commits/')) counts.records += 1;
    else counts.data += 1;
  }
  return counts;
}

function perDay(after: ObjectCounts, before: ObjectCounts | null): ObjectCounts {
  const grown = (kind: keyof ObjectCounts) => ((after[kind] - (before?.[kind] ?? 0)) * 24) / HOURS;
  return { data: grown('data'), reports: grown('reports'), records: grown('records') };
}
