import { declarations } from '../functions/declarations.ts';
import { lakeTables as tablesOf } from '../shared/engine/tables.ts';
import type { Table } from '../shared/lake/table.ts';

/** Every table of the lake, sorted by name. */
export const lakeTables: readonly Table[] = [...tablesOf(declarations)].sort((a, b) =>
  a.name < b.name ? -1 : 1,
);
