import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../sql/tables.ts';
import type { CompactedTable } from './statements.ts';

/** Returns every table with the datasets that write to it. The list is empty where all datasets write to a table. */
export function compactedTables(datasets: readonly DatasetDeclaration[]): CompactedTable[] {
  return lakeTables.map((table) => ({
    table,
    datasets: datasets
      .filter(({ tables }) => tables.some(({ name }) => name === table.name))
      .map(({ name }) => name),
  }));
}
