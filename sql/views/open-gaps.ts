import { collectionGaps } from '../../shared/engine/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

/**
 * Returns a query for gaps with the length of what backfills have filled of them, without those that are filled as a
 * whole.
 *
 * @param table returns where the rows of a table are
 */
export function gapsLeft(table: Engine['from']): string {
  return `SELECT
  gaps.dt, gaps.project_id, gaps.dataset, gaps.target, gaps.cluster_name, gaps.ts, gaps.gap_end, gaps.reason,
  gaps.collected_at, coalesce(filled.seconds, 0e0) AS filled_seconds
FROM ${table('collection_gaps')} AS gaps
LEFT JOIN (
  SELECT
    dt, project_id, dataset, target, ts, gap_end, sum(to_unixtime(filled_to) - to_unixtime(filled_from)) AS seconds
  FROM ${table('filled_gaps')}
  GROUP BY dt, project_id, dataset, target, ts, gap_end
) AS filled ON filled.dt = gaps.dt AND filled.project_id = gaps.project_id AND filled.dataset = gaps.dataset
  AND filled.target = gaps.target AND filled.ts = gaps.ts AND filled.gap_end = gaps.gap_end
WHERE coalesce(filled.seconds, 0e0) < to_unixtime(gaps.gap_end) - to_unixtime(gaps.ts) - 0.0005e0`;
}

export const openGaps: View = {
  name: 'open_gaps',
  description:
    'The gaps that are not filled: rows of collection_gaps, without those that a backfill has filled.',
  columns: [
    dayColumn,
    ...columnsOf(
      collectionGaps,
      ...['project_id', 'dataset', 'target', 'cluster_name', 'ts', 'gap_end', 'reason', 'collected_at'],
    ),
    {
      name: 'filled_seconds',
      type: 'double',
      unit: 'seconds',
      description: 'How much of the gap a backfill has filled.',
    },
  ],
  reads: 'that day',
  query: ({ from }) => gapsLeft(from),
};
