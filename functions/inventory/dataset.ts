import type { Dataset } from '../../shared/engine/dataset.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { inventoryCollector } from './collector.ts';
import { inventory as table } from './table.ts';

/** The resources of projects and organisations, and each change to them. */
export const inventory: Dataset = {
  name: 'inventory',
  description: table.description,
  tables: [table],
  everyMinutes: 60,
  subjects: ['project', 'organisation'],
  // A state has no window: it is read as it is now.
  defaults: { resources: {} },
  collector: ({ resources = {} }, kind) =>
    inventoryCollector(CATALOGUE, kind, (type, subject) => resources[type]?.[subject] ?? []),
};
