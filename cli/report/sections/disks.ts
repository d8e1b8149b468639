import { DAY } from '../../../shared/durations.ts';
import type { LineSpec } from '../chart-spec.ts';
import { ALL, type Filter } from '../filter.ts';
import { instant, number, type Query, type Row, type Section, shortProcess, text } from '../section.ts';

const fullestBy = ({
  where,
}: Filter) => `SELECT project_id, cluster_name, process_id, partition_name, used_percent, used_bytes, free_bytes, growth_bytes_per_day, days_until_full, ts
FROM disk_forecast${where}
ORDER BY used_percent DESC NULLS LAST, process_id, partition_name, project_id`;

/** Shows only disks that grow. `fullestBy` shows the others, too. */
const FILLING = `SELECT project_id, cluster_name, process_id, partition_name, used_percent, free_bytes, growth_bytes_per_day, days_until_full, fitted_days, ts
FROM disk_forecast
WHERE days_until_full IS NOT NULL
ORDER BY days_until_full, process_id, partition_name, project_id`;

const HISTORY = `SELECT project_id, process_id, target AS partition_name, hour, last_value AS used_percent
FROM hourly_measurements
WHERE measurement = 'DISK_PARTITION_SPACE_PERCENT_USED'
  AND dt >= (SELECT CAST(CAST(CAST(max(dt) AS date) - INTERVAL '14' DAY AS date) AS varchar) FROM disk_forecast)
ORDER BY hour`;

/** More lines are hard to distinguish. */
const LINES = 6;

/** More bars are hard to read. */
const BARS = 12;

const DISK = [
  { name: 'project_id', heading: 'Project', unit: 'subject' },
  { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
  { name: 'process_id', heading: 'Process', unit: 'text' },
  { name: 'partition_name', heading: 'Disk', unit: 'text' },
  { name: 'used_percent', heading: 'Percent used', unit: 'percent' },
] as const;

export async function disks(query: Query): Promise<Section> {
  const fullest = await query(fullestBy(ALL));
  const bars = fullest.slice(0, BARS);
  const filling = await query(FILLING);
  const first = filling.slice(0, LINES);
  const history = await query(HISTORY);
  return {
    id: 'disks',
    title: 'Disks',
    intro:
      'How full each disk is, and when it will be full if it keeps growing as in the last 14 days. The shorter it was seen, the less a forecast says.',
    parts: [
      {
        id: 'fullest-disks',
        title: 'Fullest disks',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'percent',
            lying: true,
            categories: bars.map(nameOf),
            series: [{ name: 'used', values: bars.map((row) => number(row, 'used_percent')) }],
          },
          description: `Bars: used space of the ${bars.length} fullest disks.`,
        },
        sql: fullestBy(ALL),
        columns: [
          ...DISK,
          { name: 'used_bytes', heading: 'Used', unit: 'bytes' },
          { name: 'free_bytes', heading: 'Free', unit: 'bytes' },
          { name: 'growth_bytes_per_day', heading: 'Growth per day', unit: 'bytes' },
          { name: 'days_until_full', heading: 'Full in', unit: 'forecast' },
          { name: 'ts', heading: 'Seen', unit: 'time' },
        ],
        rows: fullest,
        empty: 'No disk measurements were collected.',
        ofCluster: { sql: fullestBy },
      },
      {
        id: 'disk-forecast',
        title: 'Disks that fill up, the first one to be full first',
        chart: {
          spec: { kind: 'line', unit: 'percent', series: first.flatMap((disk) => linesOf(disk, history)) },
          description: `Lines: used space by hour of the ${first.length} disks that will be full first. Dashed lines: their forecast, over a span of the same length.`,
        },
        sql: FILLING,
        columns: [
          ...DISK,
          { name: 'free_bytes', heading: 'Free', unit: 'bytes' },
          { name: 'growth_bytes_per_day', heading: 'Growth per day', unit: 'bytes' },
          { name: 'days_until_full', heading: 'Full in', unit: 'forecast' },
          { name: 'fitted_days', heading: 'Seen for', unit: 'days' },
        ],
        rows: filling,
        empty: 'No disk fills up.',
      },
    ],
  };
}

function nameOf(disk: Row): string {
  return `${text(disk, 'cluster_name')} · ${shortProcess(disk)} · ${text(disk, 'partition_name')}`;
}

function linesOf(disk: Row, history: readonly Row[]): LineSpec['series'] {
  const name = nameOf(disk);
  const points = history
    .filter((row) => ['project_id', 'process_id', 'partition_name'].every((key) => row[key] === disk[key]))
    .flatMap((row): Array<[number, number]> => {
      const [time, value] = [instant(row, 'hour'), number(row, 'used_percent')];
      return time === null || value === null ? [] : [[time, value]];
    });
  const [now, used, days] = [
    instant(disk, 'ts'),
    number(disk, 'used_percent'),
    number(disk, 'days_until_full'),
  ];
  const lines = [{ name, points, forecast: false }];
  if (now === null || used === null || days === null) return lines;
  // The forecast is as long as the history, or ends when the disk is full.
  const ahead = Math.min(days, number(disk, 'fitted_days') ?? 0);
  const then: [number, number] = [now + ahead * DAY, used + ((100 - used) * ahead) / days];
  return [...lines, { name, points: [[now, used], then], forecast: true }];
}
