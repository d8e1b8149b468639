import { datasets } from '../functions/datasets.ts';
import { collectionGaps, collectionRuns } from '../shared/collection/tables.ts';
import type { Table } from '../shared/lake/table.ts';

/** Every table of the lake, by name: what the datasets fill, and what each run adds. */
export const lakeTables: readonly Table[] = [
  ...datasets.flatMap(({ tables }) => tables),
  collectionGaps,
  collectionRuns,
].sort((a, b) => (a.name < b.name ? -1 : 1));
