import type { Column } from '../shared/lake/table.ts';
import type { Engine } from './view.ts';

/**
 * What a table is read from in Athena once its finished days are Parquet: a view over both forms. The table of the
 * same name without this ending goes on holding every row, too.
 */
export function wholeTable(table: string): string {
  return `${table}_all`;
}

/** Athena's sessions are in UTC. */
export const athena: Engine = { today: 'current_date', from: wholeTable, jsonArray: 'array(json)' };

/** The types of columns as Athena writes them down of a view; they must be those of its query to the letter. */
const VIEW_TYPES: Readonly<Record<Column['type'], string>> = {
  string: 'varchar',
  double: 'double',
  int: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamp(3)',
};

/**
 * How the Glue catalog keeps a view of Athena's: base64 of a JSON document in a comment.
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
  };
  const encoded = Buffer.from(JSON.stringify(document)).toString('base64');
  return { viewOriginalText: `/* Presto View: ${encoded} */`, viewExpandedText: '/* Presto View */' };
}
