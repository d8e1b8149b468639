import type { Column, Table } from '../../shared/lake/table.ts';
import { columnsOf, dayColumn, type Engine } from '../view.ts';

/** A quantity of a view by hour, from the mean values of one measurement and from its own maxima if Atlas has them. */
export interface Quantity {
  name: string;
  unit?: string;
  of: string;
  measurement: string;
  /** The measurement of the maxima; the same one if Atlas has no other. */
  maximum?: string;
  /** Multiplies values, as SQL. */
  factor?: string;
}

export const hour: Column = { name: 'hour', type: 'timestamp', description: 'The start of the hour.' };

/** Returns the columns that name a process, from a table of its measurements. */
export function processLabels(table: Table): Column[] {
  return columnsOf(table, 'project_id', 'cluster_name', 'replica_set_name', 'process_id', 'process_type');
}

/** Returns the columns of a view of quantities by process and hour. */
export function quantityColumns(table: Table, quantities: readonly Quantity[]): Column[] {
  return [
    dayColumn,
    ...processLabels(table),
    hour,
    ...quantities.flatMap(({ name, unit, of }): Column[] => [
      {
        name,
        type: 'double',
        ...unitOf(unit),
        nullable: true,
        description: `Mean ${of}; null without values.`,
      },
      {
        name: `max_${name}`,
        type: 'double',
        ...unitOf(unit),
        nullable: true,
        description: `Maximum of the ${of}; null without values.`,
      },
    ]),
  ];
}

/** Returns the query for quantities by process and hour. */
export function quantitiesByHour(
  table: string,
  quantities: readonly Quantity[],
  from: Engine['from'],
): string {
  return `
SELECT
  dt, project_id, max(cluster_name) AS cluster_name, max(replica_set_name) AS replica_set_name, process_id,
  max(process_type) FILTER (WHERE place = 1) AS process_type, hour,
${quantities.map(aggregates).join(',\n')}
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, project_id, process_id, hour ORDER BY ts DESC, granularity DESC) AS place
  FROM (
${hourly(
  table,
  from,
  quantities.flatMap(({ measurement, maximum = measurement }) => [measurement, maximum]),
)}
  )
)
GROUP BY dt, project_id, process_id, hour`;
}

/** Returns the query for the rows of some measurements, with their hours. */
export function hourly(table: string, from: Engine['from'], measurements: readonly string[]): string {
  const names = [...new Set(measurements)].map((name) => `'${name}'`).join(', ');
  return `    SELECT *, date_trunc('hour', ts) AS hour
    FROM ${from(table)}
    WHERE granularity <> 'P1D' AND measurement IN (${names})`;
}

function aggregates({ name, measurement, maximum = measurement, factor }: Quantity): string {
  const times = factor === undefined ? '' : ` * ${factor}`;
  const aggregate = (what: string, of: string) =>
    `${what}(value) FILTER (WHERE measurement = '${of}')${times}`;
  return `  ${aggregate('avg', measurement)} AS ${name},\n  ${aggregate('max', maximum)} AS max_${name}`;
}

function unitOf(unit: string | undefined): Pick<Column, 'unit'> {
  return unit === undefined ? {} : { unit };
}
