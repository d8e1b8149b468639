import type { Table } from '../shared/lake/table.ts';
import type { Engine } from './view.ts';

/** The natural key of every measurement table, without the column that names what was measured. */
const COMMON_KEY = new Set(['project_id', 'process_id', 'measurement', 'granularity', 'ts']);

/** A table with a row for each point, and the column that names what was measured: a database, disk or namespace. */
export interface MeasurementTable {
  table: Table;
  target: string;
}

/** Returns the tables that hold measurements of a process's databases, disks or namespaces. */
export function measurementTables(tables: readonly Table[]): MeasurementTable[] {
  return tables.flatMap((table) => {
    const targets = table.naturalKey.filter((name) => !COMMON_KEY.has(name));
    const [target] = targets;
    const isOne = targets.length === 1 && table.naturalKey.length === COMMON_KEY.size + 1;
    return isOne && target !== undefined ? [{ table, target }] : [];
  });
}

/** Returns the query for the rows of all measurement tables, under common column names. */
export function allMeasurements(tables: readonly Table[], from: Engine['from']): string {
  return measurementTables(tables)
    .map(
      ({ table, target }) =>
        `SELECT dt, '${table.name}' AS table_name, project_id, cluster_name, process_id, ${target} AS target, measurement, units, granularity, ts, value\nFROM ${from(table.name)}`,
    )
    .join('\nUNION ALL\n');
}
