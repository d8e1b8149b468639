import { ALL, type Filter } from '../filter.ts';
import {
  type Chart,
  instant,
  number,
  type Query,
  type Row,
  type Section,
  shortProcess,
  text,
} from '../section.ts';

/** Reads only primaries, because the other members of a replica set have copies. */
const growthBy = ({
  and,
}: Filter) => `SELECT dt, project_id, cluster_name, process_id, database_name, data_bytes, data_bytes_growth, storage_bytes, index_bytes, objects, objects_growth
FROM database_growth_daily
WHERE process_type LIKE '%PRIMARY' AND data_bytes IS NOT NULL${and}
ORDER BY dt DESC, data_bytes DESC, process_id, database_name, project_id`;

const LINES = 8;

export async function databases(query: Query): Promise<Section> {
  const rows = await query(growthBy(ALL));
  return {
    id: 'databases',
    title: 'Databases',
    intro: 'Size of the databases on their primaries, and their daily growth.',
    parts: [
      {
        id: 'database-growth',
        title: 'Data size at the end of each day',
        chart: growthChart(rows),
        sql: growthBy(ALL),
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'process_id', heading: 'Process', unit: 'text' },
          { name: 'database_name', heading: 'Database', unit: 'text' },
          { name: 'data_bytes', heading: 'Data', unit: 'bytes' },
          { name: 'data_bytes_growth', heading: 'Growth', unit: 'bytes' },
          { name: 'storage_bytes', heading: 'On disk', unit: 'bytes' },
          { name: 'index_bytes', heading: 'Indexes', unit: 'bytes' },
          { name: 'objects', heading: 'Documents', unit: 'count' },
          { name: 'objects_growth', heading: 'Added', unit: 'count' },
        ],
        rows,
        empty: 'No database measurements were collected.',
        ofCluster: { sql: growthBy, chart: growthChart },
      },
    ],
  };
}

function growthChart(rows: readonly Row[]): Chart {
  const newest = rows.filter((row) => row['dt'] === rows[0]?.['dt']).slice(0, LINES);
  const names = namesOf(newest);
  return {
    spec: {
      kind: 'line',
      unit: 'bytes',
      series: newest.map((database) => ({
        name: names.get(database) ?? '',
        forecast: false,
        points: rows
          .filter((row) => idOf(row) === idOf(database))
          .flatMap((row): Array<[number, number]> => {
            const [time, value] = [instant({ day: `${row['dt']} 00:00` }, 'day'), number(row, 'data_bytes')];
            return time === null || value === null ? [] : [[time, value]];
          })
          .reverse(),
      })),
    },
    description: `Lines: uncompressed size of the ${newest.length} largest databases at the end of each day.`,
  };
}

function idOf(row: Row): string {
  return `${text(row, 'project_id')}/${text(row, 'process_id')}/${text(row, 'database_name')}`;
}

/** Returns the names of the lines: database and cluster, and also the process for a database on several shards. */
function namesOf(rows: readonly Row[]): Map<Row, string> {
  const short = (row: Row) => `${text(row, 'database_name')} · ${text(row, 'cluster_name')}`;
  const all = rows.map(short);
  const isShared = (name: string) => all.filter((other) => other === name).length > 1;
  return new Map(
    rows.map((row) => [row, isShared(short(row)) ? `${short(row)} · ${shortProcess(row)}` : short(row)]),
  );
}
