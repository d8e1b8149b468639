import { LAST_RUNS } from '../../check/last-runs.ts';
import { ALL, type Filter } from '../filter.ts';
import { oldestFirst, type Query, type Section, stacked } from '../section.ts';

/** @param now the instant of the report, ms since the epoch */
function freshness(now: number): string {
  const instant = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  return `SELECT *, to_unixtime(TIMESTAMP '${instant}') - to_unixtime(collected_up_to) AS behind_seconds
FROM (
${LAST_RUNS}
)
ORDER BY dataset, project_id`;
}

const VOLUMES = `SELECT dt, dataset, sum(rows) AS rows, sum(bytes) AS bytes, sum(requests) AS requests, sum(runs) AS runs, sum(incomplete_runs) AS incomplete_runs
FROM dataset_freshness
GROUP BY dt, dataset
ORDER BY dt DESC, dataset`;

const gaps = ({
  where,
}: Filter) => `SELECT dataset, project_id, cluster_name, target, ts, gap_end, to_unixtime(gap_end) - to_unixtime(ts) AS seconds, reason
FROM open_gaps${where}
ORDER BY ts DESC, dataset, target`;

const DUPLICATES = 'SELECT dt, table_name, keys, extra_rows FROM duplicate_rows ORDER BY dt DESC, table_name';

export async function overview(query: Query, now: number): Promise<Section> {
  const lastRuns = freshness(now);
  const volumes = await query(VOLUMES);
  return {
    id: 'overview',
    title: 'Overview',
    intro: 'How current the lake is, how many rows were written, and which data is permanently lost.',
    parts: [
      {
        id: 'freshness',
        title: 'Freshness by dataset',
        sql: lastRuns,
        columns: [
          { name: 'dataset', heading: 'Dataset', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'collected_up_to', heading: 'Collected up to', unit: 'time' },
          { name: 'behind_seconds', heading: 'Behind now, at most', unit: 'seconds' },
          { name: 'last_run', heading: 'Last run', unit: 'time' },
          { name: 'last_outcome', heading: 'Outcome', unit: 'text' },
          { name: 'failed_targets', heading: 'Failed targets', unit: 'count' },
        ],
        rows: await query(lastRuns),
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
            ...stacked(oldestFirst(volumes), { category: 'dt', name: 'dataset', value: 'rows' }),
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
        sql: gaps(ALL),
        columns: [
          { name: 'dataset', heading: 'Dataset', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'target', heading: 'Target', unit: 'text' },
          { name: 'ts', heading: 'From', unit: 'time' },
          { name: 'gap_end', heading: 'To', unit: 'time' },
          { name: 'seconds', heading: 'Length', unit: 'seconds' },
          { name: 'reason', heading: 'Reason', unit: 'text' },
        ],
        rows: await query(gaps(ALL)),
        empty: 'No gap is recorded.',
        ofCluster: { sql: gaps },
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
        empty: 'No row is there twice.',
      },
    ],
  };
}
