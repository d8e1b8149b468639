import { rankedNamespaces } from '../../functions/ranked-namespaces/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

export const hottestNamespaces: View = {
  name: 'hottest_namespaces',
  description:
    'The hottest collections of each cluster by day, and how their rank changed since the previous day.',
  columns: [
    dayColumn,
    ...columnsOf(
      rankedNamespaces,
      'project_id',
      'cluster_name',
      'namespace',
      'database_name',
      'collection_name',
    ),
    {
      name: 'day_rank',
      type: 'bigint',
      description: "The rank among the cluster's namespaces on that day; 1 is the hottest.",
    },
    {
      name: 'previous_rank',
      type: 'bigint',
      nullable: true,
      description: 'The rank on the previous day; null if the namespace was not ranked then.',
    },
    {
      name: 'movement',
      type: 'bigint',
      nullable: true,
      description: 'Number of places moved up; negative if moved down.',
    },
    {
      name: 'heat',
      type: 'double',
      description: 'The score behind the rank of the day: the sum of 1/rank over hours and processes.',
    },
    {
      name: 'hours',
      type: 'bigint',
      unit: 'hours',
      description: 'Number of hours of the day in which the namespace was ranked.',
    },
    { name: 'best_rank', type: 'int', description: 'The best rank in any hour on any process.' },
  ],
  reads: 'that day and the day before',
  query: ({ from, dayAfter }) => `
SELECT
  later.dt, later.project_id, later.cluster_name, later.namespace, later.database_name, later.collection_name,
  later.day_rank, earlier.day_rank AS previous_rank, earlier.day_rank - later.day_rank AS movement,
  later.heat, later.hours, later.best_rank
FROM (
${ranking('dt', from)}
) AS later
LEFT JOIN (
${ranking(dayAfter('dt', 1), from)}
) AS earlier
  ON earlier.dt = later.dt
  AND earlier.project_id = later.project_id
  AND coalesce(earlier.cluster_name, '') = coalesce(later.cluster_name, '')
  AND earlier.namespace = later.namespace`,
};

/**
 * Returns SQL for the ranking of each day. `as` is an expression for the day's name. Atlas returns ranks without
 * values, so the score adds reciprocal ranks, rounded because the engines add in different orders.
 */
function ranking(as: string, from: Engine['from']): string {
  return `
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, project_id, cluster_name ORDER BY heat DESC, namespace) AS day_rank
  FROM (
    SELECT
      dt, project_id, cluster_name, namespace,
      max(database_name) AS database_name, max(collection_name) AS collection_name,
      round(sum(1e0 / CAST(rank AS double)), 6) AS heat, count(DISTINCT ts) AS hours, min(rank) AS best_rank
    FROM (
      SELECT ${as} AS dt, project_id, cluster_name, namespace, database_name, collection_name, rank, ts
      FROM ${from('ranked_namespaces')}
    )
    GROUP BY dt, project_id, cluster_name, namespace
  )`.slice(1);
}
