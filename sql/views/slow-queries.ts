import { slowQueries } from '../../functions/slow-queries/tables.ts';
import type { Column } from '../../shared/lake/table.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

const SHAPE = ['project_id', 'cluster_name', 'namespace', 'op_type', 'plan_summary', 'query_shape'] as const;

const COUNTS: readonly Column[] = [
  { name: 'queries', type: 'bigint', description: 'Number of slow queries on all processes.' },
  {
    name: 'total_ms',
    type: 'bigint',
    unit: 'milliseconds',
    description: 'How long they took together.',
    example: '48210',
  },
  {
    name: 'mean_ms',
    type: 'double',
    unit: 'milliseconds',
    description: 'How long one of them took on average.',
    example: '482.1',
  },
  {
    name: 'max_ms',
    type: 'bigint',
    unit: 'milliseconds',
    description: 'How long the slowest one took.',
    example: '3120',
  },
  {
    name: 'docs_examined',
    type: 'bigint',
    description: 'Number of documents that they read.',
    example: '104500',
  },
  {
    name: 'docs_returned',
    type: 'bigint',
    description: 'Number of documents that they returned.',
    example: '20',
  },
  { name: 'last_seen', type: 'timestamp', description: 'When the last one of the day ended.' },
];

const AGGREGATES = `
  count(*) AS queries,
  CAST(sum(duration_ms) AS bigint) AS total_ms,
  avg(duration_ms) AS mean_ms,
  max(duration_ms) AS max_ms,
  CAST(sum(docs_examined) AS bigint) AS docs_examined,
  CAST(sum(docs_returned) AS bigint) AS docs_returned,
  max(ts) AS last_seen`;

export const slowestQueryShapes: View = {
  name: 'slowest_query_shapes',
  description:
    'Slow queries by day, namespace, plan and shape: how many, how long they took, and how many documents they read. Queries of the cluster itself are left out.',
  columns: [dayColumn, ...columnsOf(slowQueries, ...SHAPE), ...COUNTS],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  dt, ${SHAPE.join(', ')},${AGGREGATES}
FROM ${from('slow_queries')}
WHERE coalesce(is_user_query, true)
GROUP BY dt, ${SHAPE.join(', ')}`,
};

export const collectionScans: View = {
  name: 'collection_scans',
  description:
    'Slow queries that read a whole collection, because no index helps them, by day, namespace and shape. Queries of the cluster itself are left out.',
  columns: [dayColumn, ...columnsOf(slowQueries, ...SHAPE), ...COUNTS],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  dt, ${SHAPE.join(', ')},${AGGREGATES}
FROM ${from('slow_queries')}
WHERE plan_summary LIKE '%COLLSCAN%' AND coalesce(is_user_query, true)
GROUP BY dt, ${SHAPE.join(', ')}`,
};
