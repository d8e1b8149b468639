import { type Column, defineTable } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { measurements } from './measurements.ts';

const namespaceColumns = [
  { name: 'namespace', type: 'string', description: 'The namespace, as database.collection.' },
  { name: 'database_name', type: 'string', description: 'The database: the namespace up to its first dot.' },
  {
    name: 'collection_name',
    type: 'string',
    description: 'The collection. Its name may contain dots.',
  },
] as const satisfies readonly Column[];

/** Atlas chooses the granularity, and need not say which. */
const [measurement, units, granularity, ...others] = pointColumns;
const namespacePointColumns = [
  measurement,
  units,
  {
    ...granularity,
    nullable: true,
    description: 'The interval of the value, as Atlas chose it; null if Atlas does not return it.',
  },
  ...others,
] as const satisfies readonly Column[];

export const rankedNamespaces = defineTable({
  name: 'ranked_namespaces',
  description: 'The collections with the most execution time on each process, by hour.',
  columns: [
    ...processColumns,
    { name: 'ts', type: 'timestamp', description: 'The start of the hour.' },
    { name: 'window_end', type: 'timestamp', description: 'The end of the hour (exclusive).' },
    {
      name: 'rank',
      type: 'int',
      description: 'The rank among the namespaces of the hour; 1 is the hottest.',
    },
    ...namespaceColumns,
    { name: 'collected_at', type: 'timestamp', description: 'When the rank was read.' },
  ],
  naturalKey: ['project_id', 'process_id', 'ts', 'rank'],
  partitionedBy: 'day',
});

export const namespaceMeasurements = defineTable({
  name: 'namespace_measurements',
  description: 'Operations and latencies of the hottest collections of each hour.',
  columns: [...processColumns, ...namespaceColumns, ...namespacePointColumns],
  naturalKey: ['project_id', 'process_id', 'namespace', 'measurement', 'granularity', 'ts'],
  partitionedBy: 'day',
  measurements,
});
