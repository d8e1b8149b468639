import { queryShapes } from '../../functions/query-shapes/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

const SHAPE = 'project_id, cluster_name, query_shape_hash, namespace, command';

export const busiestQueryShapes: View = {
  name: 'busiest_query_shapes',
  description:
    'Query shapes by cluster and day: how often they ran, how long they worked, and how many documents they read. Queries of the cluster itself are left out.',
  columns: [
    dayColumn,
    ...columnsOf(queryShapes, 'project_id', 'cluster_name', 'query_shape_hash', 'namespace', 'command'),
    {
      name: 'day_rank',
      type: 'bigint',
      description: "The rank among the cluster's shapes of the day, by working time; 1 is the busiest.",
      example: '1',
    },
    { name: 'hours', type: 'bigint', unit: 'hours', description: 'Number of hours in which it was listed.' },
    ...columnsOf(queryShapes, 'executions', 'total_working_ms'),
    {
      name: 'avg_working_ms',
      type: 'double',
      unit: 'milliseconds',
      nullable: true,
      description: 'How long one query worked on average.',
      example: '38.5',
    },
    ...columnsOf(queryShapes, 'docs_examined', 'docs_returned', 'keys_examined', 'bytes_read'),
    {
      name: 'examined_per_returned',
      type: 'double',
      nullable: true,
      description:
        'How many documents they read for each one that they returned; null if they returned none. A high number asks for an index.',
      example: '5225',
    },
  ],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  *,
  total_working_ms / CAST(nullif(executions, 0e0) AS double) AS avg_working_ms,
  docs_examined / CAST(nullif(docs_returned, 0e0) AS double) AS examined_per_returned,
  row_number() OVER (
    PARTITION BY dt, project_id, cluster_name
    ORDER BY total_working_ms DESC NULLS LAST, query_shape_hash, namespace, command
  ) AS day_rank
FROM (
  SELECT
    dt, ${SHAPE},
    count(DISTINCT ts) AS hours, sum(executions) AS executions,
    round(sum(total_working_ms), 3) AS total_working_ms, sum(docs_examined) AS docs_examined,
    sum(docs_returned) AS docs_returned, sum(keys_examined) AS keys_examined, sum(bytes_read) AS bytes_read
  FROM ${from('query_shapes')}
  WHERE NOT coalesce(is_system_query, false)
  GROUP BY dt, ${SHAPE}
)`,
};
