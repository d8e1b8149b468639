import type { Column } from '../shared/lake/table.ts';

/**
 * A question that is asked often, declared once for both engines: DuckDB over a lake's folder and Athena over its
 * bucket. It is written in what the two have in common; `test/unit/sql/common-subset.test.ts` lists that.
 */
export interface View {
  name: string;
  description: string;
  /** In the order of the answer; each is cast to its type. */
  columns: readonly Column[];
  /** The query, which gives at least the declared columns, by name. */
  query(engine: Engine): string;
}

/** What differs from engine to engine, as SQL. */
export interface Engine {
  /** The day that spans end with which end today: an expression of type `date`. */
  today: string;
  /** What a view reads a table's rows from. */
  from(table: string): string;
  /** The type of an array of JSON values. */
  jsonArray: string;
}

/** The day of the rows, which every view and table has: a constant filter on it is what keeps a query cheap. */
export const dayColumn: Column = {
  name: 'dt',
  type: 'string',
  description: 'The UTC day, YYYY-MM-DD: the partition that the rows come from.',
};

/** Columns of a table that a view hands on, with what the table says of them. */
export function columnsOf(table: { columns: readonly Column[] }, ...names: readonly string[]): Column[] {
  return names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new Error(`a view names the column ${name}, which its table lacks`);
    return column;
  });
}

/** The types of columns in the words that both engines know. */
const SQL_TYPES: Readonly<Record<Column['type'], string>> = {
  string: 'varchar',
  double: 'double',
  int: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamp',
};

export function sqlType({ type }: Pick<Column, 'type'>): string {
  return SQL_TYPES[type];
}

/**
 * The whole of a view's SQL. Every column is cast: the engines' own result types differ, and Athena refuses a view
 * whose query gives other types than were declared.
 */
export function viewSql(view: View, engine: Engine): string {
  const columns = view.columns.map(
    (column) => `  CAST(${column.name} AS ${sqlType(column)}) AS ${column.name}`,
  );
  return `SELECT\n${columns.join(',\n')}\nFROM (\n${indent(view.query(engine).trim())}\n)`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
