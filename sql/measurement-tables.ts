import type { Table } from '../shared/lake/table.ts';
import type { Engine } from './view.ts';

/** What every table of measurements has in its natural key, beside the column that names what was measured. */
const COMMON_KEY = new Set(['project_id', 'process_id', 'measurement', 'granularity', 'ts']);

/** A table with a row for each point, and the column that names what was measured: database, disk, namespace. */
export interface MeasurementTable {
  table: Table;
  target: string;
}

/** Which of the tables hold measurements of something that a process has. */
export function measurementTables(tables: readonly Table[]): MeasurementTable[] {
  return tables.flatMap((table) => {
    const targets = table.naturalKey.filter((name) => !COMMON_KEY.has(name));
    const [target] = targets;
    const isOne = targets.length === 1 && table.naturalKey.length === COMMON_KEY.size + 1;
    return isOne && target !== undefined ? [{ table, target }] : [];
  });
}

/** All measurements below one another, by common names. */
export function allMeasurements(tables: readonly Table[], from: Engine['from']): string {
  return measurementTables(tables)
    .map(
      ({ table, target }) =>
        `SELECT dt, '${table.name}' AS table_name, project_id, cluster_name, process_id, ${target} AS target, measurement, units, granularity, ts, value\nFROM ${from(table.name)}`,
    )
    .join('\nUNION ALL\n');
}
