import { datasets } from '../functions/datasets.ts';
import { namespaceMeasurements, rankedNamespaces } from '../functions/ranked-namespaces/tables.ts';
import { collectionGaps, collectionRuns } from '../shared/collection/tables.ts';
import type { Table } from '../shared/lake/table.ts';

const declared: readonly Table[] = [
  ...datasets.flatMap(({ tables }) => tables),
  rankedNamespaces,
  namespaceMeasurements,
  collectionGaps,
  collectionRuns,
];

/** Every table of the lake, by name: what the datasets fill, and what each run adds. */
export const lakeTables: readonly Table[] = [
  ...new Map(declared.map((table) => [table.name, table])).values(),
].sort((a, b) => (a.name < b.name ? -1 : 1));
