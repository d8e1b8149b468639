import path from 'node:path';
import type { Table } from '../../shared/lake/table.ts';
import { sqlType } from '../../sql/view.ts';

/** Reads a table's rows from its files; types come from the declaration, so that nothing is guessed from values. */
export function readNdjson(bucket: string, table: Table): string {
  const files = path.join(escapeGlob(bucket), table.name, 'dt=*', '*.json.gz');
  return `SELECT ${columnNames(table)} FROM read_json(${quoted(files)}, columns = {${columnTypes(table)}}, format = 'newline_delimited', compression = 'gzip', hive_partitioning = true, hive_types = {dt: VARCHAR})`;
}

/** A table without files. */
export function noRows(table: Table): string {
  const columns = table.columns.map(({ name, type }) => `CAST(NULL AS ${sqlType({ type })}) AS ${name}`);
  return `SELECT ${columns.join(', ')}, CAST(NULL AS varchar) AS dt WHERE false`;
}

export function columnNames(table: Table): string {
  return [...table.columns.map(({ name }) => name), 'dt'].join(', ');
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function columnTypes(table: Table): string {
  return table.columns.map(({ name, type }) => `${name}: '${sqlType({ type })}'`).join(', ');
}

/** A path as a pattern that matches itself only. */
function escapeGlob(text: string): string {
  return text.replaceAll(/[[*?]/g, '[$&]');
}
