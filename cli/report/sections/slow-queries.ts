import { ALL, type Filter } from '../filter.ts';
import { number, type Query, type Section, text } from '../section.ts';

/** How many shapes of a cluster the lists show. */
const MOST = 20;

/** Bars of more shapes are hard to read. */
const BARS = 12;

/** Returns the query of the shapes that come first in an order. Shortens the shapes of commands with long lists. */
function shapesFirst(view: string, order: string, { where }: Filter): string {
  return `SELECT project_id, cluster_name, namespace, op_type, plan_summary, shape, queries, total_seconds, max_ms, docs_examined, docs_returned, last_seen
FROM (
  SELECT *, row_number() OVER (PARTITION BY project_id, cluster_name ORDER BY ${order} DESC NULLS LAST, namespace, query_shape, plan_summary, op_type) AS place
  FROM (
    SELECT project_id, cluster_name, namespace, op_type, plan_summary, query_shape, substr(query_shape, 1, 300) AS shape, sum(queries) AS queries, sum(total_ms) / 1000e0 AS total_seconds, max(max_ms) AS max_ms, sum(docs_examined) AS docs_examined, sum(docs_returned) AS docs_returned, max(last_seen) AS last_seen
    FROM ${view}
    GROUP BY project_id, cluster_name, namespace, op_type, plan_summary, query_shape
  )${where}
)
WHERE place <= ${MOST}
ORDER BY ${order} DESC NULLS LAST, namespace, query_shape, plan_summary, op_type, cluster_name, project_id`;
}

const slowestBy = (filter: Filter) => shapesFirst('slowest_query_shapes', 'total_seconds', filter);

const scansBy = (filter: Filter) => shapesFirst('collection_scans', 'docs_examined', filter);

const suggestionsBy = ({
  where,
}: Filter) => `SELECT project_id, cluster_name, kind, namespace, coalesce(index_keys, index_name) AS index_keys, reason, weight_rank, open_since
FROM index_suggestions_open${where}
ORDER BY project_id, cluster_name, kind, weight_rank NULLS LAST, namespace, index_keys, reason`;

const COLUMNS = [
  { name: 'project_id', heading: 'Project', unit: 'subject' },
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
  const rows = await query(slowestBy(ALL));
  const slowest = rows.slice(0, BARS);
  return {
    id: 'slow-queries',
    title: 'Slow queries',
    intro: 'Queries that the query profiler found slow, by shape. Values of the queries are not shown.',
    parts: [
      {
        id: 'slowest-query-shapes',
        title: `The ${MOST} slowest shapes of each cluster, by total time`,
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
        sql: slowestBy(ALL),
        columns: COLUMNS,
        rows,
        empty: 'No slow queries were collected.',
        ofCluster: { sql: slowestBy },
      },
      {
        id: 'collection-scans',
        title: `The ${MOST} shapes without an index of each cluster that read most documents`,
        sql: scansBy(ALL),
        columns: COLUMNS,
        rows: await query(scansBy(ALL)),
        empty: 'There are no slow queries without an index.',
        ofCluster: { sql: scansBy },
      },
      {
        id: 'index-suggestions',
        title: 'What the Performance Advisor suggests',
        sql: suggestionsBy(ALL),
        columns: [
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'kind', heading: 'Kind', unit: 'text' },
          { name: 'namespace', heading: 'Namespace', unit: 'text' },
          { name: 'index_keys', heading: 'Index', unit: 'text' },
          { name: 'reason', heading: 'Reason', unit: 'text' },
          { name: 'weight_rank', heading: 'Rank', unit: 'count' },
          { name: 'open_since', heading: 'Open since', unit: 'time' },
        ],
        rows: await query(suggestionsBy(ALL)),
        empty: 'No suggestion is open.',
        ofCluster: { sql: suggestionsBy },
      },
    ],
  };
}
