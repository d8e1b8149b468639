import type { Table } from '../lake/table.ts';
import { addColumns, createTable, dropTable, type PublicationNames } from './statements.ts';

/** A table of the Glue database, as far as the publication must know it. */
export interface CatalogTable {
  name: string;
  /** `landing` is the table of JSON files that had this name before 0.2.0. */
  kind: 'iceberg' | 'landing' | 'other';
  columns: readonly string[];
  /** When its entry was created, ms. An entry that is dropped and created again has another time. */
  created: number;
}

/** A table of the database has the name of an Iceberg table, and is none of this program. */
export class ForeignTableError extends Error {
  override readonly name = 'ForeignTableError';
  constructor(table: string, database: string) {
    super(
      `the Glue table ${database}.${table} is not an Iceberg table of this lake: rename or delete it, then the next publication creates ${table}`,
    );
  }
}

/**
 * Returns the statements that give a table its declared form: create it, or append the columns that it lacks.
 *
 * @throws {ForeignTableError}
 */
export function catalogStatements(
  table: Table,
  existing: CatalogTable | undefined,
  names: PublicationNames,
): string[] {
  if (!existing) return [createTable(table, names)];
  if (existing.kind === 'landing') return [dropTable(table.name, names), createTable(table, names)];
  if (existing.kind === 'other') throw new ForeignTableError(table.name, names.database);
  const missing = table.columns.filter(({ name }) => !existing.columns.includes(name));
  return missing.length === 0 ? [] : [addColumns(table, missing, names)];
}
