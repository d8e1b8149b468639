import type { Organisation, OrganisationOptions } from '../../../simulator/organisation.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Granularity, type SeriesTarget, settledPoints } from '../../../simulator/series.ts';
import { SECOND } from '../../../simulator/time.ts';
import { type Api, listOf } from './api-client.ts';

export const shape = {
  projects: [
    {
      name: 'p',
      clusters: [
        { name: 'c', nodes: [{}, { offset: 32 * SECOND }], databases: ['a', 'ä b'], disks: ['data'] },
      ],
    },
  ],
} satisfies OrganisationOptions;

export const organisation = createOrganisation(shape);
const projectId = organisation.projects[0]?.id ?? '';
const [first = '', second = ''] = organisation.projects[0]?.processes.map(({ id }) => id) ?? [];

/** A disk of the host with aligned points, a disk of the other host, and a database of the other host. */
export const DISK = { projectId, processId: first, partitionName: 'data' };
export const UNALIGNED_DISK = { ...DISK, processId: second };
export const DATABASE = { projectId, processId: second, databaseName: 'ä b' };

export const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

export interface Point {
  timestamp: number;
  value: unknown;
}

export function pathOf(target: SeriesTarget): string {
  const { databaseName, partitionName, search } = target;
  if (search) return `/groups/${target.projectId}/hosts/${target.processId}/fts/metrics/measurements`;
  const database = databaseName === undefined ? '' : `/databases/${encodeURIComponent(databaseName)}`;
  const disk = partitionName === undefined ? '' : `/disks/${partitionName}`;
  return `/groups/${target.projectId}/processes/${target.processId}${database}${disk}/measurements`;
}

/** Reads a window. Returns the document, and the points of each series by name. */
export async function readWindow(
  api: Api,
  target: SeriesTarget,
  granularity: Granularity,
  from: number,
  to: number,
) {
  const { document } = await api.get(
    `${pathOf(target)}?granularity=${granularity}&start=${iso(from)}&end=${iso(to)}`,
  );
  const points = new Map(
    listOf(document['measurements']).map(({ name, dataPoints }) => [
      String(name),
      listOf(dataPoints).map(
        ({ timestamp, value }): Point => ({ timestamp: Date.parse(String(timestamp)), value }),
      ),
    ]),
  );
  return { document, points };
}

const RATES = /IOPS|THROUGHPUT|LATENCY/;

/** Computes the points stamped in [from, to), with the first one of each rate null. */
export function expected(
  of: Organisation,
  target: SeriesTarget,
  granularity: Granularity,
  from: number,
  to: number,
) {
  const byName = new Map<string, Point[]>();
  for (const { measurement, timestamp, value } of settledPoints(of, target, granularity, from, to)) {
    const points = byName.get(measurement) ?? [];
    const isFirstRate = points.length === 0 && RATES.test(measurement);
    byName.set(measurement, [...points, { timestamp, value: isFirstRate ? null : value }]);
  }
  return byName;
}
