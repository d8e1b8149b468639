import type { Table } from '../../shared/lake/table.ts';

/**
 * Returns the query that checks the lake each night. Its row has two numbers: the duplicate rows of the last days, and the rows of the
 * day before yesterday that are in landing files and not in the Iceberg tables. Earlier nights have checked earlier days, so each
 * day is read once for each number. Rows that were collected today may wait for the next publication.
 */
export function nightlyChecks(tables: readonly Table[]): string {
  return `SELECT (SELECT coalesce(sum(extra_rows), 0) FROM duplicate_rows WHERE dt >= ${DAY}) AS extra_rows, (SELECT sum(greatest(landed - published, 0)) FROM (${tables.map(countsOf).join(' UNION ALL ')}) AS counts) AS missing_rows`;
}

/** The day before yesterday, as the tables have it. */
const DAY = "CAST(CAST(current_date - INTERVAL '2' DAY AS date) AS varchar)";

/** Publication keeps the first row of each key, so landing files are counted by key. */
function countsOf({ name, naturalKey }: Table): string {
  const rows = `dt = ${DAY} AND collected_at < CAST(current_date AS timestamp)`;
  return `SELECT (SELECT count(*) FROM (SELECT DISTINCT ${naturalKey.join(', ')} FROM ${name}_landing WHERE ${rows}) AS landing) AS landed, (SELECT count(*) FROM ${name} WHERE ${rows}) AS published`;
}
