import { DAY } from '../../../shared/durations.ts';
import type { LineSpec } from '../chart-spec.ts';
import { instant, number, type Query, type Row, type Section, shortProcess, text } from '../section.ts';

const FORECAST = `SELECT cluster_name, process_id, partition_name, project_id, ts, used_percent, used_bytes, free_bytes, growth_bytes_per_day, days_until_full, full_at, fitted_days
FROM disk_forecast
ORDER BY days_until_full NULLS LAST, used_percent DESC, process_id, partition_name`;

const HISTORY = `SELECT project_id, process_id, target AS partition_name, hour, last_value AS used_percent
FROM hourly_measurements
WHERE measurement = 'DISK_PARTITION_SPACE_PERCENT_USED'
  AND dt >= (SELECT CAST(CAST(CAST(max(dt) AS date) - INTERVAL '14' DAY AS date) AS varchar) FROM disk_forecast)
ORDER BY hour`;

/** More lines are hard to distinguish. */
const LINES = 6;

export async function disks(query: Query): Promise<Section> {
  const forecast = await query(FORECAST);
  const first = forecast.slice(0, LINES);
  const history = await query(HISTORY);
  return {
    id: 'disks',
    title: 'Disks',
    intro: 'When each disk will be full, if it keeps growing as in the last 14 days.',
    parts: [
      {
        id: 'disk-forecast',
        title: 'Used space and forecast',
        chart: {
          spec: { kind: 'line', unit: 'percent', series: first.flatMap((disk) => linesOf(disk, history)) },
          description: `Lines: used space by hour of the ${first.length} disks that will be full first. Dashed lines: their forecast, over a span of the same length.`,
        },
        sql: FORECAST,
        columns: [
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'process_id', heading: 'Process', unit: 'text' },
          { name: 'partition_name', heading: 'Disk', unit: 'text' },
          { name: 'used_percent', heading: 'Percent used', unit: 'percent' },
          { name: 'used_bytes', heading: 'Used', unit: 'bytes' },
          { name: 'free_bytes', heading: 'Free', unit: 'bytes' },
          { name: 'growth_bytes_per_day', heading: 'Growth per day', unit: 'bytes' },
          { name: 'days_until_full', heading: 'Full in', unit: 'days' },
          { name: 'full_at', heading: 'Full at', unit: 'time' },
        ],
        rows: forecast,
        empty: 'No disk measurements were collected.',
      },
    ],
  };
}

function linesOf(disk: Row, history: readonly Row[]): LineSpec['series'] {
  const name = `${text(disk, 'cluster_name')} · ${shortProcess(disk)} · ${text(disk, 'partition_name')}`;
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
