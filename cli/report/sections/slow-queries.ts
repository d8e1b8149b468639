import { number, type Query, type Section, text } from '../section.ts';

/** How many shapes a list shows. */
const MOST = 100;

/** Bars of more shapes are hard to read. */
const BARS = 12;

/** Shortens the shapes of commands with long lists. */
const SHAPES = `cluster_name, namespace, op_type, plan_summary, substr(query_shape, 1, 300) AS shape, sum(queries) AS queries, sum(total_ms) / 1000e0 AS total_seconds, max(max_ms) AS max_ms, sum(docs_examined) AS docs_examined, sum(docs_returned) AS docs_returned, max(last_seen) AS last_seen`;

const SLOWEST = `SELECT ${SHAPES}
FROM slowest_query_shapes
GROUP BY cluster_name, namespace, op_type, plan_summary, query_shape
ORDER BY total_seconds DESC NULLS LAST, namespace, query_shape, plan_summary, op_type, cluster_name
LIMIT ${MOST}`;

const SCANS = `SELECT ${SHAPES}
FROM collection_scans
GROUP BY cluster_name, namespace, op_type, plan_summary, query_shape
ORDER BY docs_examined DESC NULLS LAST, namespace, query_shape, plan_summary, op_type, cluster_name
LIMIT ${MOST}`;

const COLUMNS = [
  { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
  { name: 'namespace', heading: 'Namespace', unit: 'text' },
  { name: 'op_type', heading: 'Operation', unit: 'text' },
  { name: 'plan_summary', heading: 'Plan', unit: 'text' },
  { name: 'shape', heading: 'Shape', unit: 'text' },
  { name: 'queries', heading: 'Queries', unit: 'count' },
  { name: 'total_seconds', heading: 'Total time', unit: 'seconds' },
  { name: 'max_ms', heading: 'Slowest (ms)', unit: 'count' },
  { name: 'docs_examined', heading: 'Documents read', unit: 'count' },
  { name: 'docs_returned', heading: 'Returned', unit: 'count' },
  { name: 'last_seen', heading: 'Last seen', unit: 'time' },
] as const;

export async function slowQueries(query: Query): Promise<Section> {
  const rows = await query(SLOWEST);
  const slowest = rows.slice(0, BARS);
  return {
    id: 'slow-queries',
    title: 'Slow queries',
    intro: 'Queries that the query profiler found slow, by shape. Values of the queries are not shown.',
    parts: [
      {
        id: 'slowest-query-shapes',
        title: `The ${MOST} slowest shapes, by total time`,
        chart: {
          spec: {
            kind: 'bar',
            unit: 'seconds',
            lying: true,
            categories: slowest.map((row) => `${text(row, 'namespace')} · ${text(row, 'plan_summary')}`),
            series: [{ name: 'total time', values: slowest.map((row) => number(row, 'total_seconds')) }],
          },
          description: `Bars: total time of the ${slowest.length} slowest shapes.`,
        },
        sql: SLOWEST,
        columns: COLUMNS,
        rows,
        empty: 'No slow queries were collected.',
      },
      {
        id: 'collection-scans',
        title: `The ${MOST} shapes without an index that read most documents`,
        sql: SCANS,
        columns: COLUMNS,
        rows: await query(SCANS),
        empty: 'There are no slow queries without an index.',
      },
    ],
  };
}
