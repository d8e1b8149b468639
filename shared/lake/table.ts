/**
 * A table of the lake, declared once: from this declaration follow the type of its rows, the order of their
 * columns in the files, the Glue table, the data dictionary and the check for duplicates.
 */
export interface Table {
  /** The table's name, and the first folder of its keys. */
  name: string;
  description: string;
  /** In the order of the files. Columns are only ever appended, never renamed or retyped. */
  columns: readonly Column[];
  /** The columns that tell one row from every other. */
  naturalKey: readonly string[];
  /**
   * The columns that name a target, its owner first, of a table whose targets have values all the time: how far its rows
   * reach says how far the target was read.
   */
  target?: readonly [owner: string, name: string];
  /** What `measurement` can be, in a table that has this column, as far as it is known beforehand. */
  measurements?: readonly Measurement[];
}

/** A series that Atlas has for each database, disk or namespace. */
export interface Measurement {
  /** By Atlas's name. */
  name: string;
  unit: string;
  description: string;
}

export interface Column {
  name: string;
  type: ColumnType;
  description: string;
  /** Of the values, where they have one: 'seconds', 'bytes'. */
  unit?: string;
  /** A value as it stands in a file; needed where others of this name or type do not show what is meant. */
  example?: string;
  nullable?: true;
  /**
   * What the values say of people, for whoever must erase one: `subject` names the person that the row is about, and
   * the row goes; `mention` may name somebody in a row about something else, and the name goes.
   */
  personal?: 'subject' | 'mention';
  /** The column whose values this one is a hash of: where those are withheld, the hash is keyed. */
  fingerprintOf?: string;
}

/**
 * The column that numbers changes, where what changes can come back to an earlier value and the time of a row is when it
 * was seen. The number is kept with what was known, so that one change has one number, however often it is written.
 */
export function revisionColumn<const D extends string>(description: D) {
  return { name: 'revision', type: 'int', nullable: true, description } as const;
}

/** Tells whether rows of a table count their changes: those of versions before that have no number, and no identity. */
export function isNumbered({ naturalKey }: Pick<Table, 'naturalKey'>): boolean {
  return naturalKey.includes('revision');
}

/** Returns what tells a row from every other of its table; null for a row that has no number where others have. */
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

/** A row of a table, as the collector handles it; timestamps are milliseconds since the epoch. */
export type RowOf<T extends Table> = {
  [C in T['columns'][number] as C['name']]: ValueOf<C>;
};

/** A row of a table that is only known at run time. `ts` gives its partition. */
export type AnyRow = { readonly ts: number } & Readonly<Record<string, string | number | boolean | null>>;

/** A table with some of its rows. */
export interface TableRows {
  table: Table;
  rows: readonly AnyRow[];
}

/** Keeps the literal types of a declaration, so that `RowOf` knows its columns. */
export function defineTable<const T extends Table>(table: T): T {
  return table;
}
