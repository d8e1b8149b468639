import { collectionRuns } from '../../shared/engine/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';
import { gapsLeft } from './open-gaps.ts';

export const datasetFreshness: View = {
  name: 'dataset_freshness',
  description:
    'How far each dataset was collected at the end of each day, what its runs did, and the gaps that start on that day. In Athena, only days of the landing tables.',
  columns: [
    dayColumn,
    ...columnsOf(collectionRuns, 'project_id', 'dataset'),
    {
      name: 'last_run',
      type: 'timestamp',
      nullable: true,
      description:
        'When the last run of the day that has a row in collection_runs started. On the current day it can be six hours old.',
    },
    { name: 'last_outcome', type: 'string', nullable: true, description: 'The outcome of that run.' },
    {
      name: 'lag_seconds',
      type: 'bigint',
      unit: 'seconds',
      nullable: true,
      description: 'The lag of the target that was furthest behind in that run.',
    },
    {
      name: 'collected_up_to',
      type: 'timestamp',
      nullable: true,
      description: 'All data before this time had been collected by that run.',
    },
    {
      name: 'failed_targets',
      type: 'bigint',
      nullable: true,
      description: 'Targets that the last run could not collect.',
    },
    { name: 'runs', type: 'bigint', description: 'Number of runs of the day.' },
    {
      name: 'incomplete_runs',
      type: 'bigint',
      description: 'Number of rows in collection_runs with outcome partial or failed.',
    },
    { name: 'requests', type: 'bigint', description: 'HTTP requests to Atlas.' },
    { name: 'rows', type: 'bigint', description: 'Rows written.' },
    { name: 'bytes', type: 'bigint', unit: 'bytes', description: 'Compressed size of the written objects.' },
    {
      name: 'gaps',
      type: 'bigint',
      description: 'Number of gaps that start on this day and are not filled.',
    },
    {
      name: 'gap_seconds',
      type: 'double',
      unit: 'seconds',
      description: 'Total length of these gaps over all targets, without what is filled.',
    },
  ],
  reads: 'that day',
  query: ({ landing }) => `
SELECT
  dt, project_id, dataset,
  max(ts) AS last_run,
  max(outcome) FILTER (WHERE from_last = 1) AS last_outcome,
  max(lag_seconds) FILTER (WHERE from_last = 1) AS lag_seconds,
  max(ts - INTERVAL '1' SECOND * lag_seconds) FILTER (WHERE from_last = 1) AS collected_up_to,
  max(failed_targets) FILTER (WHERE from_last = 1) AS failed_targets,
  sum(runs) AS runs,
  count(*) FILTER (WHERE outcome IN ('partial', 'failed')) AS incomplete_runs,
  sum(requests) AS requests, sum(rows) AS rows, sum(bytes) AS bytes,
  sum(gaps) AS gaps, sum(gap_seconds) AS gap_seconds
FROM (
  SELECT
    dt, project_id, dataset, ts, outcome, lag_seconds, failed_targets, runs, requests, rows, bytes,
    0 AS gaps, 0e0 AS gap_seconds,
    row_number() OVER (PARTITION BY dt, project_id, dataset ORDER BY ts DESC) AS from_last
  FROM ${landing('collection_runs')}
  UNION ALL
  SELECT
    dt, project_id, dataset, CAST(NULL AS timestamp), CAST(NULL AS varchar), CAST(NULL AS integer),
    CAST(NULL AS integer), 0, 0, 0, 0,
    1, to_unixtime(gap_end) - to_unixtime(ts) - filled_seconds,
    CAST(NULL AS bigint)
  FROM (
${gapsLeft(landing)}
  )
)
GROUP BY dt, project_id, dataset`,
};
