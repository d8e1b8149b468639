import type { Column } from '../shared/lake/table.ts';

/**
 * A common query, declared once for two engines: DuckDB on a lake's folder and Athena on its bucket. Its SQL uses only
 * the common subset of the two, which `test/unit/sql/common-subset.ts` lists.
 */
export interface View {
  name: string;
  description: string;
  /** In the order of the result. Each column is cast to its type. */
  columns: readonly Column[];
  /** The days whose files a query reads if it asks the view for one day. */
  reads: DaysRead;
  /** Returns the query. Its result must include the declared columns, by name. */
  query(engine: Engine): string;
}

export type DaysRead =
  | 'that day'
  | 'that day and the day before'
  | 'that week and the week before'
  | 'that month and the month before'
  | 'that day and all later days'
  | 'the last 15 days'
  | 'all days';

/** The SQL that differs between engines. */
export interface Engine {
  /** The day on which spans of recent days end: an expression of type `date`. */
  today: string;
  /** Returns the table that has all rows of a table, some of them later than its landing table. */
  from(table: string): string;
  /** Returns the table that has a table's rows as soon as they are written, but may lack older days. */
  landing(table: string): string;
  /** Returns SQL for the day that is `days` after another. Days are texts, as in `dt`. */
  dayAfter(day: string, days: number): string;
  /** Returns SQL for the Monday of a day's week. Days are texts, as in `dt`. */
  mondayOf(day: string): string;
  /** The type of an array of JSON values. */
  jsonArray: string;
}

/** The day of the rows. Every table and view has it, so that a constant filter on it keeps queries cheap. */
export const dayColumn: Column = {
  name: 'dt',
  type: 'string',
  description: 'The UTC day, as YYYY-MM-DD: the partition of the rows.',
};

/** Returns the declarations of a table's columns that a view passes on unchanged. */
export function columnsOf(table: { columns: readonly Column[] }, ...names: readonly string[]): Column[] {
  return names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new Error(`a view uses the column ${name}, but its table has no such column`);
    return column;
  });
}

/** The names of the column types that both engines accept. */
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
 * Returns a view's complete SQL. It casts every column, because the engines infer different types and Athena refuses a
 * view whose query has other types than the declared ones.
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
