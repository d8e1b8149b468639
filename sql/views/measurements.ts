import type { Column } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { daysFrom } from '../days.ts';
import { allMeasurements } from '../measurement-tables.ts';
import { lakeTables } from '../tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

const process = { columns: processColumns };
const point = { columns: pointColumns };

/** The columns that identify a series in the views over all measurement tables. */
const seriesColumns: readonly Column[] = [
  { name: 'table_name', type: 'string', description: 'The table that holds the measurement.' },
  ...columnsOf(process, 'project_id', 'cluster_name', 'process_id'),
  { name: 'target', type: 'string', description: 'The measured database, disk or namespace.' },
  ...columnsOf(point, 'measurement', 'units'),
];

/** A series without values for longer is not current. The limit keeps the view cheap. */
const LATEST_DAYS = 14;

export const latestMeasurements: View = {
  name: 'latest_measurements',
  description: `The latest value of every measurement that has values in the last ${LATEST_DAYS} days.`,
  columns: [dayColumn, ...seriesColumns, ...columnsOf(point, 'granularity', 'ts', 'value')],
  reads: 'the last 15 days',
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
    'Minimum, maximum, mean and last value of every measurement by hour. Values with granularity P1D are excluded.',
  columns: [
    dayColumn,
    ...seriesColumns,
    { name: 'hour', type: 'timestamp', description: 'The start of the hour.' },
    { name: 'points', type: 'bigint', description: 'Number of values in the hour.' },
    { name: 'min_value', type: 'double', description: 'Minimum, in `units`.' },
    { name: 'max_value', type: 'double', description: 'Maximum, in `units`.' },
    { name: 'avg_value', type: 'double', description: 'Mean, in `units`.' },
    { name: 'last_value', type: 'double', description: 'Last value, in `units`.' },
  ],
  reads: 'that day',
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
