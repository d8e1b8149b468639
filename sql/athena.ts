import type { Column } from '../shared/lake/table.ts';
import type { Engine } from './view.ts';

/**
 * Returns the name of the Athena view that reads a table's finished days from Parquet and other days from NDJSON. The
 * table without this suffix also has every row.
 */
export function wholeTable(table: string): string {
  return `${table}_all`;
}

/** Athena sessions use UTC. */
export const athena: Engine = { today: 'current_date', from: wholeTable, jsonArray: 'array(json)' };

/** The column types in Athena's view definitions. They must match the types of the view's query exactly. */
const VIEW_TYPES: Readonly<Record<Column['type'], string>> = {
  string: 'varchar',
  double: 'double',
  int: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamp(3)',
};

/**
 * Returns an Athena view as the Glue catalog stores it: a JSON document, base64-encoded in a comment.
 * @param sql the view's query
 */
export function virtualView(
  view: { columns: readonly Column[] },
  sql: string,
  schema: string,
): { viewOriginalText: string; viewExpandedText: string } {
  const document = {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema,
    columns: view.columns.map(({ name, type }) => ({ name, type: VIEW_TYPES[type] })),
    // Without it, open-source Trino requires an owner.
    runAsInvoker: true,
  };
  const encoded = Buffer.from(JSON.stringify(document)).toString('base64');
  return { viewOriginalText: `/* Presto View: ${encoded} */`, viewExpandedText: '/* Presto View */' };
}
