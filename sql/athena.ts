import type { Column } from '../shared/lake/table.ts';
import { daysFrom } from './days.ts';
import type { Engine } from './view.ts';

/** Returns the name of the table that reads a table's objects as the collector writes them. */
export function landingTable(table: string): string {
  return `${table}_landing`;
}

/** Athena sessions use UTC. */
export const athena: Engine = {
  today: 'current_date',
  from: (table) => table,
  landing: landingTable,
  dayAfter: (day, days) => daysFrom(`CAST(${day} AS date)`, days),
  mondayOf: (day) => `CAST(CAST(date_trunc('week', CAST(${day} AS date)) AS date) AS varchar)`,
  jsonArray: 'array(json)',
};

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
