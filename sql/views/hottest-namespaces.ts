import { rankedNamespaces } from '../../functions/ranked-namespaces/tables.ts';
import { daysFrom } from '../days.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

export const hottestNamespaces: View = {
  name: 'hottest_namespaces',
  description:
    'The hottest collections of every cluster, day by day, and how their rank moved since the day before.',
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
      description: 'The place among the namespaces of the cluster and day; the hottest is 1.',
    },
    {
      name: 'previous_rank',
      type: 'bigint',
      nullable: true,
      description: 'The place on the day before; null when the namespace was not among the hottest then.',
    },
    {
      name: 'movement',
      type: 'bigint',
      nullable: true,
      description: 'By how many places it rose; negative when it fell.',
    },
    {
      name: 'heat',
      type: 'double',
      description: 'What the rank of the day is made from: the sum of 1/rank over its hours and processes.',
    },
    {
      name: 'hours',
      type: 'bigint',
      unit: 'hours',
      description: 'In how many hours of the day it was among the hottest.',
    },
    { name: 'best_rank', type: 'int', description: 'Its best rank in any hour, on any process.' },
  ],
  query: ({ from }) => `
SELECT
  later.dt, later.project_id, later.cluster_name, later.namespace, later.database_name, later.collection_name,
  later.day_rank, earlier.day_rank AS previous_rank, earlier.day_rank - later.day_rank AS movement,
  later.heat, later.hours, later.best_rank
FROM (
${ranking('dt', from)}
) AS later
LEFT JOIN (
${ranking(daysFrom('CAST(dt AS date)', 1), from)}
) AS earlier
  ON earlier.dt = later.dt
  AND earlier.project_id = later.project_id
  AND coalesce(earlier.cluster_name, '') = coalesce(later.cluster_name, '')
  AND earlier.namespace = later.namespace`,
};

/**
 * The ranking of each day, under the name that `as` gives the day. Ranks have no values behind them, so reciprocal
 * ranks are added up; rounded, since the engines add in an order of their own.
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
