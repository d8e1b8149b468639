import { processColumns } from '../../shared/measurements/measurement-table.ts';
import { daysFrom } from '../days.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

const FIT_DAYS = 14;

/** 100 years. A disk with a later forecast counts as not filling up. */
const FAR_DAYS = '36500e0';

const USED = "measurement = 'DISK_PARTITION_SPACE_USED'";
const FREE = "measurement = 'DISK_PARTITION_SPACE_FREE'";

export const diskForecast: View = {
  name: 'disk_forecast',
  description: `How full each disk is, how fast it fills, and when it will be full. The forecast is linear, from the space used in the last ${FIT_DAYS} days.`,
  columns: [
    dayColumn,
    ...columnsOf(
      { columns: processColumns },
      'project_id',
      'cluster_name',
      'replica_set_name',
      'process_id',
      'process_type',
    ),
    { name: 'partition_name', type: 'string', description: 'The disk or partition.' },
    { name: 'ts', type: 'timestamp', description: 'The time of the newest value.' },
    { name: 'used_bytes', type: 'double', unit: 'bytes', description: 'Used space.' },
    { name: 'free_bytes', type: 'double', unit: 'bytes', description: 'Free space.' },
    {
      name: 'used_percent',
      type: 'double',
      unit: 'percent',
      description: 'Used space as a share of the total.',
    },
    {
      name: 'fitted_days',
      type: 'double',
      unit: 'days',
      description: 'The time span of the values used for the forecast.',
    },
    {
      name: 'growth_bytes_per_day',
      type: 'double',
      unit: 'bytes per day',
      nullable: true,
      description: 'The forecast growth; null if the values span less than a day.',
    },
    {
      name: 'days_until_full',
      type: 'double',
      unit: 'days',
      nullable: true,
      description:
        'Time from the newest value until the disk is full at this growth; null if it will not be full within 100 years.',
    },
    { name: 'full_at', type: 'timestamp', nullable: true, description: 'When the disk will be full.' },
  ],
  reads: 'the last 15 days',
  query: ({ today, from }) => `
SELECT
  *,
  from_unixtime(to_unixtime(ts) + days_until_full * 86400e0) AS full_at
FROM (
  SELECT
    *,
    1e2 * used_bytes / CAST(nullif(used_bytes + free_bytes, 0e0) AS double) AS used_percent,
    CASE
      WHEN growth_bytes_per_day > 0e0 AND free_bytes < growth_bytes_per_day * ${FAR_DAYS}
      THEN free_bytes / CAST(growth_bytes_per_day AS double)
    END AS days_until_full
  FROM (
    SELECT
      project_id, process_id, partition_name,
      max(dt) AS dt,
      max(cluster_name) FILTER (WHERE place = 1) AS cluster_name,
      max(replica_set_name) FILTER (WHERE place = 1) AS replica_set_name,
      max(process_type) FILTER (WHERE place = 1) AS process_type,
      max(ts) AS ts,
      max(value) FILTER (WHERE ${USED} AND place = 1) AS used_bytes,
      max(value) FILTER (WHERE ${FREE} AND place = 1) AS free_bytes,
      max(day) FILTER (WHERE ${USED}) - min(day) FILTER (WHERE ${USED}) AS fitted_days,
      CASE
        WHEN max(day) FILTER (WHERE ${USED}) - min(day) FILTER (WHERE ${USED}) >= 1e0
        THEN regr_slope(value, day) FILTER (WHERE ${USED})
      END AS growth_bytes_per_day
    FROM (
      SELECT
        *,
        (to_unixtime(ts) - to_unixtime(CAST(${today} AS timestamp))) / 86400e0 AS day,
        row_number() OVER (
          PARTITION BY project_id, process_id, partition_name, measurement ORDER BY ts DESC, granularity DESC
        ) AS place
      FROM ${from('disk_measurements')}
      WHERE dt >= ${daysFrom(today, -FIT_DAYS)} AND (${USED} OR ${FREE})
    )
    GROUP BY project_id, process_id, partition_name
  )
)`,
};
