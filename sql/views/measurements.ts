import type { Column } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { daysFrom } from '../days.ts';
import { allMeasurements } from '../measurement-tables.ts';
import { lakeTables } from '../tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

const process = { columns: processColumns };
const point = { columns: pointColumns };

/** What names a series in the views over all tables of measurements. */
const seriesColumns: readonly Column[] = [
  { name: 'table_name', type: 'string', description: 'The table that the measurement is in.' },
  ...columnsOf(process, 'project_id', 'cluster_name', 'process_id'),
  { name: 'target', type: 'string', description: 'What was measured: the database, disk or namespace.' },
  ...columnsOf(point, 'measurement', 'units'),
];

/** A series that has been silent for longer is not current, and a bound keeps the view cheap. */
const LATEST_DAYS = 14;

export const latestMeasurements: View = {
  name: 'latest_measurements',
  description: `The latest value of every measurement that had one in the last ${LATEST_DAYS} days.`,
  columns: [dayColumn, ...seriesColumns, ...columnsOf(point, 'granularity', 'ts', 'value')],
  query: ({ today, from }) => `
SELECT *
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY table_name, project_id, process_id, target, measurement ORDER BY ts DESC, granularity DESC
    ) AS place
  FROM (
${allMeasurements(lakeTables, from)}
  )
  WHERE dt >= ${daysFrom(today, -LATEST_DAYS)}
)
WHERE place = 1`,
};

export const hourlyMeasurements: View = {
  name: 'hourly_measurements',
  description:
    'Every measurement by the hour: the least, greatest, mean and last value. Values of whole days are left out.',
  columns: [
    dayColumn,
    ...seriesColumns,
    { name: 'hour', type: 'timestamp', description: 'The start of the hour.' },
    { name: 'points', type: 'bigint', description: 'How many values the hour has.' },
    { name: 'min_value', type: 'double', description: 'The least of them, in `units`.' },
    { name: 'max_value', type: 'double', description: 'The greatest of them, in `units`.' },
    { name: 'avg_value', type: 'double', description: 'Their mean, in `units`.' },
    { name: 'last_value', type: 'double', description: 'The last of them, in `units`.' },
  ],
  query: ({ from }) => `
SELECT
  dt, table_name, project_id, max(cluster_name) AS cluster_name, process_id, target, measurement,
  max(units) AS units, hour,
  count(*) AS points, min(value) AS min_value, max(value) AS max_value, avg(value) AS avg_value,
  max(value) FILTER (WHERE place = 1) AS last_value
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY dt, table_name, project_id, process_id, target, measurement, hour ORDER BY ts DESC, granularity DESC
    ) AS place
  FROM (
    SELECT *, date_trunc('hour', ts) AS hour
    FROM (
${allMeasurements(lakeTables, from)}
    )
    WHERE granularity <> 'P1D'
  )
)
GROUP BY dt, table_name, project_id, process_id, target, measurement, hour`,
};
