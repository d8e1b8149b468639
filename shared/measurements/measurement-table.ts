import type { Target } from '../engine/cursor.ts';
import type { ProjectId } from '../ids.ts';
import type { Column } from '../lake/table.ts';
import type { NewPoint } from './known-points.ts';

/**
 * The columns that every table of measurements has, before and after the columns that name what was measured.
 */
export const processColumns = [
  { name: 'project_id', type: 'string', description: 'The Atlas project.' },
  {
    name: 'cluster_name',
    type: 'string',
    nullable: true,
    description: 'The cluster that the process belongs to.',
  },
  {
    name: 'replica_set_name',
    type: 'string',
    nullable: true,
    description: 'The replica set that the process belongs to.',
  },
  { name: 'process_id', type: 'string', description: 'The process, as host:port.' },
  {
    name: 'process_type',
    type: 'string',
    nullable: true,
    description:
      'The type of the process when it was collected: REPLICA_PRIMARY, REPLICA_SECONDARY, SHARD_PRIMARY, …',
  },
] as const satisfies readonly Column[];

export const pointColumns = [
  { name: 'measurement', type: 'string', description: "The measurement, by Atlas's name." },
  {
    name: 'units',
    type: 'string',
    nullable: true,
    description: 'The unit of the value: BYTES, SCALAR, PERCENT, MILLISECONDS, …',
  },
  {
    name: 'granularity',
    type: 'string',
    description:
      'The interval of the value, as Atlas names it: PT10S, PT1M or PT5M; PT1H or P1D if Atlas had already deleted the finer values.',
  },
  { name: 'ts', type: 'timestamp', description: 'The time of the value, as Atlas gives it.' },
  { name: 'value', type: 'double', description: 'The value, in `units`.' },
  { name: 'collected_at', type: 'timestamp', description: 'When the value was read.' },
] as const satisfies readonly Column[];

/** Returns the values of `processColumns`. */
export function processValues(
  project: ProjectId,
  { source, cursor: { attributes } }: Pick<Target<unknown>, 'source' | 'cursor'>,
) {
  return {
    project_id: project,
    cluster_name: attributes['cluster_name'] ?? null,
    replica_set_name: attributes['replica_set_name'] ?? null,
    process_id: source,
    process_type: attributes['process_type'] ?? null,
  };
}

/**
 * Returns the row of a point: what it has in common with other rows, followed by the values of `pointColumns`. There are
 * tens of thousands of points, and an extended copy of one object takes half the time of an object made from several.
 */
export function pointRow<Common extends object, Granularity extends string | null>(
  common: Common,
  { measurement, units, timestamp, value }: NewPoint,
  granularity: Granularity,
  collectedAt: number,
) {
  return { ...common, measurement, units, granularity, ts: timestamp, value, collected_at: collectedAt };
}
