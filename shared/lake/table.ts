/**
 * A table of the lake, declared once. The row type, the column order in files, the Glue table, the data
 * dictionary and the duplicate check all come from this declaration.
 */
export interface Table {
  /** The table's name, and the first folder of its keys. */
  name: string;
  description: string;
  /** In file order. Columns are only appended, never renamed or retyped. */
  columns: readonly Column[];
  /** The columns that identify a row. */
  naturalKey: readonly string[];
  /**
   * How the Iceberg table divides its rows by `dt`. A partition should hold some megabytes at least, so that a
   * table with few rows a day has one for each month.
   */
  partitionedBy: 'day' | 'month';
  /**
   * The columns that name a target, its source first, in a table whose targets always have values. The time
   * of its latest rows then shows how far the target has been read. A source that is a target itself has no
   * other name.
   */
  target?: readonly [source: string, name?: string];
  /** The known values of `measurement`, in a table that has this column. */
  measurements?: readonly Measurement[];
}

/** A series that Atlas has for each database, disk or namespace. */
export interface Measurement {
  /** Atlas's name of the measurement. */
  name: string;
  unit: string;
  description: string;
}

export interface Column {
  name: string;
  type: ColumnType;
  description: string;
  /** The unit of the values, if they have one: 'seconds', 'bytes'. */
  unit?: string;
  /**
   * A value as it is written in a file. Needed where other columns of this name or type do not show what is
   * meant.
   */
  example?: string;
  nullable?: true;
  /**
   * How the values concern people, for erasing a person. `subject` names the person that the row is about,
   * and erasing removes the row. `mention` may name a person in a row about something else, and erasing
   * removes the name.
   */
  personal?: 'subject' | 'mention';
  /** The columns that this one is a hash of. If one of them is withheld, this hash is keyed. */
  fingerprintOf?: string | readonly string[];
}

/**
 * Returns the column that numbers changes. It is needed where values can change back and a row's time is when
 * it was seen. The number is stored with the known values, so that one change has one number however often it
 * is written.
 */
export function revisionColumn<const D extends string>(description: D) {
  return { name: 'revision', type: 'int', nullable: true, description } as const;
}

/**
 * Returns whether rows of a table number their changes. Rows of earlier versions have no number and no
 * identity.
 */
export function isNumbered({ naturalKey }: Pick<Table, 'naturalKey'>): boolean {
  return naturalKey.includes('revision');
}

/** Returns the identity of a row in its table; null for a row without a number where others have one. */
export function rowIdentity(
  table: Pick<Table, 'naturalKey'>,
  row: Readonly<Record<string, unknown>>,
): string | null {
  if (isNumbered(table) && (row['revision'] ?? null) === null) return null;
  return JSON.stringify(table.naturalKey.map((column) => row[column]));
}

/** Athena's types. `timestamp` is UTC with milliseconds. */
export type ColumnType = 'string' | 'double' | 'int' | 'bigint' | 'boolean' | 'timestamp';

interface TypeScriptTypes {
  string: string;
  double: number;
  int: number;
  bigint: number;
  boolean: boolean;
  /** Milliseconds since the epoch. */
  timestamp: number;
}

type ValueOf<C extends Column> = TypeScriptTypes[C['type']] | (C extends { nullable: true } ? null : never);

/** A row of a table in memory; timestamps are milliseconds since the epoch. */
export type RowOf<T extends Table> = {
  [C in T['columns'][number] as C['name']]: ValueOf<C>;
};

/** A row of a table that is known only at run time. `ts` determines its partition. */
export type AnyRow = { readonly ts: number } & Readonly<Record<string, string | number | boolean | null>>;

/** A table with some of its rows. */
export interface TableRows {
  table: Table;
  rows: readonly AnyRow[];
}

/** Declares a table. Keeps its literal types, so that `RowOf` knows its columns. */
export function defineTable<const T extends Table>(table: T): T {
  return table;
}
