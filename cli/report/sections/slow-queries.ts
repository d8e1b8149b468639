import type { Query, Section } from '../section.ts';

const SHAPES = `namespace, op_type, plan_summary, query_shape, cluster_name, sum(queries) AS queries, sum(total_ms) / 1000e0 AS total_seconds, max(max_ms) / 1000e0 AS max_seconds, sum(docs_examined) AS docs_examined, sum(docs_returned) AS docs_returned, max(last_seen) AS last_seen`;

const SLOWEST = `SELECT ${SHAPES}
FROM slowest_query_shapes
GROUP BY namespace, op_type, plan_summary, query_shape, cluster_name
ORDER BY total_seconds DESC NULLS LAST, namespace, query_shape, plan_summary, cluster_name`;

const SCANS = `SELECT ${SHAPES}
FROM collection_scans
GROUP BY namespace, op_type, plan_summary, query_shape, cluster_name
ORDER BY docs_examined DESC NULLS LAST, namespace, query_shape, plan_summary, cluster_name`;

const COLUMNS = [
  { name: 'namespace', heading: 'Namespace', unit: 'text' },
  { name: 'op_type', heading: 'Operation', unit: 'text' },
  { name: 'plan_summary', heading: 'Plan', unit: 'text' },
  { name: 'query_shape', heading: 'Shape', unit: 'text' },
  { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
  { name: 'queries', heading: 'Queries', unit: 'count' },
  { name: 'total_seconds', heading: 'Total time', unit: 'seconds' },
  { name: 'max_seconds', heading: 'Slowest', unit: 'seconds' },
  { name: 'docs_examined', heading: 'Documents read', unit: 'count' },
  { name: 'docs_returned', heading: 'Returned', unit: 'count' },
  { name: 'last_seen', heading: 'Last seen', unit: 'time' },
] as const;

export async function slowQueries(query: Query): Promise<Section> {
  return {
    id: 'slow-queries',
    title: 'Slow queries',
    intro: 'Queries that the query profiler found slow, by shape. Values of the queries are not shown.',
    parts: [
      {
        id: 'slowest-query-shapes',
        title: 'Slowest shapes by total time',
        sql: SLOWEST,
        columns: COLUMNS,
        rows: await query(SLOWEST),
        empty: 'No slow queries were collected.',
      },
      {
        id: 'collection-scans',
        title: 'Queries without an index, by documents read',
        sql: SCANS,
        columns: COLUMNS,
        rows: await query(SCANS),
        empty: 'There are no slow queries without an index.',
      },
    ],
  };
}
