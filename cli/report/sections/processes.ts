import { ALL, type Filter } from '../filter.ts';
import {
  type Chart,
  distinct,
  instant,
  number,
  type Query,
  type Row,
  type Section,
  shortProcess,
  text,
} from '../section.ts';

const healthBy = ({
  and,
}: Filter) => `SELECT project_id, cluster_name, process_id, process_type, hour, cpu_user_percent, max_cpu_user_percent, memory_resident_bytes, connections, max_connections, max_replication_lag_seconds, max_queued_operations
FROM process_health
WHERE dt >= (SELECT CAST(CAST(CAST(max(dt) AS date) - INTERVAL '1' DAY AS date) AS varchar) FROM process_health)${and}
ORDER BY hour DESC, max_cpu_user_percent DESC, process_id`;

const LAG = `SELECT project_id, cluster_name, process_id, hour, avg_lag_seconds, max_lag_seconds, max_lag_at, min_headroom_seconds
FROM replication_lag
WHERE max_lag_seconds > 0
ORDER BY max_lag_seconds DESC, hour DESC, process_id
LIMIT 50`;

/** More lines are hard to distinguish. */
const LINES = 8;

export async function processes(query: Query): Promise<Section> {
  const rows = await query(healthBy(ALL));
  return {
    id: 'processes',
    title: 'Process health',
    intro:
      'Processor, memory, connections, replication lag and queues of each mongod and mongos in the last two days.',
    parts: [
      {
        id: 'process-health',
        title: 'Health by hour',
        chart: healthChart(rows),
        sql: healthBy(ALL),
        columns: [
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'process_id', heading: 'Process', unit: 'text' },
          { name: 'process_type', heading: 'Type', unit: 'text' },
          { name: 'hour', heading: 'Hour', unit: 'time' },
          { name: 'cpu_user_percent', heading: 'Processor', unit: 'percent' },
          { name: 'max_cpu_user_percent', heading: 'Maximum', unit: 'percent' },
          { name: 'memory_resident_bytes', heading: 'Memory', unit: 'bytes' },
          { name: 'connections', heading: 'Connections', unit: 'count' },
          { name: 'max_connections', heading: 'Maximum', unit: 'count' },
          { name: 'max_replication_lag_seconds', heading: 'Greatest lag', unit: 'seconds' },
          { name: 'max_queued_operations', heading: 'Longest queue', unit: 'count' },
        ],
        rows,
        empty: 'No process measurements were collected.',
        ofCluster: { sql: healthBy, chart: healthChart },
      },
      {
        id: 'replication-lag',
        title: 'Greatest replication lag',
        sql: LAG,
        columns: [
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'process_id', heading: 'Process', unit: 'text' },
          { name: 'hour', heading: 'Hour', unit: 'time' },
          { name: 'avg_lag_seconds', heading: 'Mean lag', unit: 'seconds' },
          { name: 'max_lag_seconds', heading: 'Greatest lag', unit: 'seconds' },
          { name: 'max_lag_at', heading: 'At', unit: 'time' },
          { name: 'min_headroom_seconds', heading: 'Left in the oplog', unit: 'seconds' },
        ],
        rows: await query(LAG),
        empty: 'No process was behind its primary.',
      },
    ],
  };
}

function healthChart(rows: readonly Row[]): Chart {
  const busiest = distinct(
    [...rows].sort(
      (a, b) => (number(b, 'max_cpu_user_percent') ?? 0) - (number(a, 'max_cpu_user_percent') ?? 0),
    ),
    'process_id',
  ).slice(0, LINES);
  const series = busiest.map((process) => {
    const own = rows.filter((row) => text(row, 'process_id') === process).reverse();
    const name = own.map(
      (row) => `${text(row, 'cluster_name')} · ${shortProcess(row)}:${process.split(':').at(-1)}`,
    );
    const points = own.flatMap((row): Array<[number, number]> => {
      const [time, value] = [instant(row, 'hour'), number(row, 'max_cpu_user_percent')];
      return time === null || value === null ? [] : [[time, value]];
    });
    return { name: name[0] ?? process, points, forecast: false };
  });
  return {
    spec: { kind: 'line', unit: 'percent', series },
    description: `Lines: greatest processor time in user mode by hour, of all cores, for the ${busiest.length} busiest processes.`,
  };
}
