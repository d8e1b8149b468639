import { quoted } from '../duckdb/table-sql.ts';

/** Selects rows of a query. */
export interface Filter {
  /** A complete WHERE clause on a line of its own; empty if all rows are selected. */
  where: string;
  /** The same conditions, to append to a WHERE clause. */
  and: string;
}

export const ALL: Filter = { where: '', and: '' };

/** Selects the rows of one cluster. */
export function onlyCluster(project: string, cluster: string): Filter {
  const conditions = `project_id = ${quoted(project)} AND cluster_name = ${quoted(cluster)}`;
  return { where: `\nWHERE ${conditions}`, and: ` AND ${conditions}` };
}
