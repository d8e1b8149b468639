import { type Query, type Section, stacked } from '../section.ts';

const FRESHNESS = `SELECT dataset, project_id, last_run, last_outcome, collected_up_to, lag_seconds, failed_targets
FROM (
  SELECT *, row_number() OVER (PARTITION BY project_id, dataset ORDER BY last_run DESC) AS place
  FROM dataset_freshness
  WHERE last_run IS NOT NULL
)
WHERE place = 1
ORDER BY dataset, project_id`;

const VOLUMES = `SELECT dt, dataset, sum(rows) AS rows, sum(bytes) AS bytes, sum(requests) AS requests, sum(runs) AS runs, sum(incomplete_runs) AS incomplete_runs
FROM dataset_freshness
GROUP BY dt, dataset
ORDER BY dt, dataset`;

const GAPS = `SELECT dataset, target, ts, gap_end, to_unixtime(gap_end) - to_unixtime(ts) AS seconds, reason
FROM collection_gaps
ORDER BY ts DESC, dataset, target`;

const DUPLICATES = 'SELECT dt, table_name, keys, extra_rows FROM duplicate_rows ORDER BY dt, table_name';

export async function overview(query: Query): Promise<Section> {
  const volumes = await query(VOLUMES);
  return {
    id: 'overview',
    title: 'Overview',
    intro: 'How current the lake is, how many rows were written, and which data is permanently lost.',
    parts: [
      {
        id: 'freshness',
        title: 'Freshness by dataset',
        sql: FRESHNESS,
        columns: [
          { name: 'dataset', heading: 'Dataset', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'text' },
          { name: 'collected_up_to', heading: 'Collected up to', unit: 'time' },
          { name: 'lag_seconds', heading: 'Lag of the last run', unit: 'seconds' },
          { name: 'last_run', heading: 'Last run', unit: 'time' },
          { name: 'last_outcome', heading: 'Outcome', unit: 'text' },
          { name: 'failed_targets', heading: 'Failed targets', unit: 'count' },
        ],
        rows: await query(FRESHNESS),
        empty: 'No runs were reported.',
      },
      {
        id: 'volumes',
        title: 'Rows written by the runs of each day',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: false,
            ...stacked(volumes, { category: 'dt', name: 'dataset', value: 'rows' }),
          },
          description: 'Bars: rows written on each day by dataset.',
        },
        sql: VOLUMES,
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'dataset', heading: 'Dataset', unit: 'text' },
          { name: 'rows', heading: 'Rows', unit: 'count' },
          { name: 'bytes', heading: 'Compressed', unit: 'bytes' },
          { name: 'requests', heading: 'Requests', unit: 'count' },
          { name: 'runs', heading: 'Runs', unit: 'count' },
          { name: 'incomplete_runs', heading: 'Incomplete runs', unit: 'count' },
        ],
        rows: volumes,
        empty: 'No runs were reported.',
      },
      {
        id: 'gaps',
        title: 'Gaps',
        sql: GAPS,
        columns: [
          { name: 'dataset', heading: 'Dataset', unit: 'text' },
          { name: 'target', heading: 'Target', unit: 'text' },
          { name: 'ts', heading: 'From', unit: 'time' },
          { name: 'gap_end', heading: 'To', unit: 'time' },
          { name: 'seconds', heading: 'Length', unit: 'seconds' },
          { name: 'reason', heading: 'Reason', unit: 'text' },
        ],
        rows: await query(GAPS),
        empty: 'There are no gaps: everything that Atlas had was collected.',
      },
      {
        id: 'duplicates',
        title: 'Duplicate rows',
        sql: DUPLICATES,
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'table_name', heading: 'Table', unit: 'text' },
          { name: 'keys', heading: 'Keys', unit: 'count' },
          { name: 'extra_rows', heading: 'Extra rows', unit: 'count' },
        ],
        rows: await query(DUPLICATES),
        empty: 'There are no duplicate rows.',
      },
    ],
  };
}
