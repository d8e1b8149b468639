import type { Column } from '../../shared/lake/table.ts';
import { processColumns } from '../../shared/measurements/measurement-table.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

/** The measurements of size, and their columns in the views. */
const SIZES = [
  {
    measurement: 'DATABASE_DATA_SIZE',
    name: 'data_bytes',
    unit: 'bytes',
    what: 'Uncompressed size of the documents',
  },
  {
    measurement: 'DATABASE_STORAGE_SIZE',
    name: 'storage_bytes',
    unit: 'bytes',
    what: 'Disk space of the collections',
  },
  {
    measurement: 'DATABASE_INDEX_SIZE',
    name: 'index_bytes',
    unit: 'bytes',
    what: 'Disk space of the indexes',
  },
  { measurement: 'DATABASE_OBJECT_COUNT', name: 'objects', unit: 'documents', what: 'Number of documents' },
] as const;

interface Period {
  name: 'day' | 'week';
  days: number;
  /** Returns SQL for the first day of the period that a day belongs to. */
  of(day: string, engine: Engine): string;
}

export const databaseGrowthDaily = growth({ name: 'day', days: 1, of: (day) => day });
export const databaseGrowthWeekly = growth({
  name: 'week',
  days: 7,
  of: (day, { mondayOf }) => mondayOf(day),
});

/** Returns a view of each period's last values and their growth since the previous period. */
function growth(period: Period): View {
  const isDay = period.name === 'day';
  return {
    name: isDay ? 'database_growth_daily' : 'database_growth_weekly',
    description: `Size of every database on every process at the end of each ${period.name}, and the growth since the end of the previous ${period.name}.`,
    columns: [
      isDay ? dayColumn : { ...dayColumn, description: 'The Monday of the week, as YYYY-MM-DD, UTC.' },
      ...columnsOf(
        { columns: processColumns },
        'project_id',
        'cluster_name',
        'replica_set_name',
        'process_id',
        'process_type',
      ),
      { name: 'database_name', type: 'string', description: 'The database.' },
      ...SIZES.flatMap(({ name, unit, what }): Column[] => [
        {
          name,
          type: 'double',
          unit,
          nullable: true,
          description: `${what} at the end of the ${period.name}.`,
        },
        {
          name: `${name}_growth`,
          type: 'double',
          unit,
          nullable: true,
          description: `Growth since the end of the previous ${period.name}; null if there is no previous value.`,
        },
      ]),
    ],
    reads: isDay ? 'that day and the day before' : 'that week and the week before',
    query: (engine) => `
SELECT
  later.dt, later.project_id, later.cluster_name, later.replica_set_name, later.process_id, later.process_type, later.database_name,
${SIZES.map(({ name }) => `  later.${name}, later.${name} - earlier.${name} AS ${name}_growth`).join(',\n')}
FROM (
${lastOf(period.of('dt', engine), engine)}
) AS later
LEFT JOIN (
${lastOf(period.of(engine.dayAfter('dt', period.days), engine), engine)}
) AS earlier
  ON earlier.dt = later.dt
  AND earlier.project_id = later.project_id
  AND earlier.process_id = later.process_id
  AND earlier.database_name = later.database_name`,
  };
}

/** Returns SQL for the last values of each period. `as` is an expression for the period's name. */
function lastOf(as: string, { from }: Engine): string {
  return `
  SELECT
    dt, project_id, process_id, database_name,
    max(cluster_name) AS cluster_name, max(replica_set_name) AS replica_set_name,
    max(process_type) FILTER (WHERE place = 1) AS process_type,
${SIZES.map(({ measurement, name }) => `    max(value) FILTER (WHERE measurement = '${measurement}' AND place = 1) AS ${name}`).join(',\n')}
  FROM (
    SELECT
      *,
      row_number() OVER (
        PARTITION BY dt, project_id, process_id, database_name, measurement ORDER BY ts DESC, granularity DESC
      ) AS place
    FROM (
      SELECT
        ${as} AS dt, project_id, cluster_name, replica_set_name, process_id, process_type, database_name,
        measurement, granularity, ts, value
      FROM ${from('database_measurements')}
      WHERE measurement IN (${SIZES.map(({ measurement }) => `'${measurement}'`).join(', ')})
    )
  )
  GROUP BY dt, project_id, process_id, database_name`.slice(1);
}
