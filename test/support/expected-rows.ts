import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Organisation } from '../../simulator/organisation.ts';
import { type Granularity, type SeriesTarget, settledPoints } from '../../simulator/series.ts';
import type { LakeRow } from './lake-files.ts';
import { lakeTime } from './times.ts';

/** Computes the rows that the lake must have. Its arithmetic asks neither the server nor the collector. */

export interface MeasurementKind {
  table: 'database_measurements' | 'disk_measurements' | 'process_measurements' | 'search_measurements';
  granularity: Granularity;
  interval: number;
  settle: number;
}

export const DATABASES: MeasurementKind = {
  table: 'database_measurements',
  granularity: 'PT5M',
  interval: 5 * MINUTE,
  settle: 7 * MINUTE,
};

export const DISKS: MeasurementKind = {
  table: 'disk_measurements',
  granularity: 'PT1M',
  interval: MINUTE,
  settle: 2 * MINUTE,
};

export const PROCESSES: MeasurementKind = {
  table: 'process_measurements',
  granularity: 'PT1M',
  interval: MINUTE,
  settle: 2 * MINUTE,
};

export const SEARCH: MeasurementKind = { ...PROCESSES, table: 'search_measurements', settle: 10 * MINUTE };

/**
 * Returns the targets of one kind of all processes, including those that Atlas no longer or not yet lists. Databases and
 * disks are only those of a mongod.
 */
export function targetsOf(organisation: Organisation, { table }: MeasurementKind): SeriesTarget[] {
  return organisation.projects.flatMap(({ id: projectId, processes }) =>
    processes
      .filter(({ typeName }) => typeName !== 'NO_DATA')
      .flatMap(({ id: processId, typeName, databases, disks }): SeriesTarget[] => {
        if (table === 'process_measurements') return [{ projectId, processId }];
        if (table === 'search_measurements') return [{ projectId, processId, search: true }];
        if (typeName === 'SHARD_MONGOS') return [];
        return table === 'database_measurements'
          ? databases.map(({ name }) => ({ projectId, processId, databaseName: name }))
          : disks.map(({ partitionName }) => ({ projectId, processId, partitionName }));
      }),
  );
}

/** Returns the settled time of a tick. */
export function settledAt(kind: MeasurementKind, tick: number): number {
  return Math.floor((tick - kind.settle) / kind.interval) * kind.interval;
}

/** Returns where hours end and fine intervals begin for a run with a watermark older than the fine retention. */
export function fineDataStart(now: number): number {
  return Math.ceil((now - 48 * HOUR + 10 * MINUTE) / HOUR) * HOUR;
}

/** Returns the rows of a target at one granularity in [from, to), of values that are visible at `readAt`. */
export function expectedRows(
  organisation: Organisation,
  target: SeriesTarget,
  span: { granularity: Granularity; from: number; to: number; readAt: number },
): string[] {
  const process = organisation.projects
    .find(({ id }) => id === target.projectId)
    ?.processes.find(({ id }) => id === target.processId);
  if (!process) throw new Error('no such process');
  const name = {
    ...(target.databaseName !== undefined && { database_name: target.databaseName }),
    ...(target.partitionName !== undefined && { partition_name: target.partitionName }),
  };
  return (
    settledPoints(organisation, target, span.granularity, span.from, span.to)
      // A value that appears after Atlas deleted its time can never be read.
      .filter(
        ({ value, visibleFrom, visibleUntil }) =>
          value !== null && visibleFrom <= span.readAt && visibleFrom <= visibleUntil,
      )
      .map(({ measurement, units, timestamp, value }) =>
        identity({
          project_id: target.projectId,
          cluster_name: process.clusterName,
          replica_set_name: process.replicaSetName,
          process_id: target.processId,
          process_type: process.typeName,
          ...name,
          measurement,
          units,
          granularity: span.granularity,
          ts: lakeTime(timestamp),
          value,
        }),
      )
  );
}

/**
 * Returns the rows of continuous collection from the first tick to the last. They begin two days before the first tick,
 * the oldest part as hours, or as long before as the configuration says. They end at the settled time of the last tick.
 */
export function expectedOf(
  organisation: Organisation,
  kind: MeasurementKind,
  ticks: { first: number; last: number; backfill?: number },
): string[] {
  const { first, last, backfill = 48 * HOUR } = ticks;
  const oldest = first - backfill;
  const fine = Math.max(fineDataStart(first), oldest);
  const hours = { granularity: 'PT1H', from: Math.floor(oldest / HOUR) * HOUR, to: fine } as const;
  const rest = { granularity: kind.granularity, from: fine, to: settledAt(kind, last) };
  const spans = fine > oldest ? [hours, rest] : [rest];
  return targetsOf(organisation, kind).flatMap((target) =>
    spans.flatMap((span) => expectedRows(organisation, target, { ...span, readAt: last })),
  );
}

/** Returns a row as text, without its collection time and revision, which the arithmetic cannot know. */
export function identity({ collected_at: _, revision: __, ...row }: LakeRow): string {
  return JSON.stringify(row);
}

/** Compares rows in both directions. Returns missing, unexpected and duplicate rows. */
export function compare(found: readonly LakeRow[], expected: readonly string[]) {
  const counts = new Map<string, number>();
  for (const row of found) {
    const id = identity(row);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const wanted = new Set(expected);
  return {
    missing: [...wanted].filter((id) => !counts.has(id)).slice(0, 5),
    unexpected: [...counts.keys()].filter((id) => !wanted.has(id)).slice(0, 5),
    twice: [...counts].filter(([, count]) => count > 1).slice(0, 5),
    rows: found.length,
  };
}

/** Returns the result of `compare` for a lake with exactly the expected rows. */
export function exactly(expected: readonly string[]) {
  return { missing: [], unexpected: [], twice: [], rows: expected.length };
}
