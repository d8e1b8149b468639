import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../sql/tables.ts';
import type { CompactedTable } from './statements.ts';

/** Every table, with the datasets whose runs write to it; to the tables of the collection itself all do. */
export function compactedTables(datasets: readonly DatasetDeclaration[]): CompactedTable[] {
  return lakeTables.map((table) => ({
    table,
    datasets: datasets
      .filter(({ tables }) => tables.some(({ name }) => name === table.name))
      .map(({ name }) => name),
  }));
}
