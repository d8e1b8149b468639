import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { inventoryCollector } from './collector.ts';
import { type InventorySettings, inventoryDeclaration } from './declaration.ts';

export const inventoryDataset: DeclaredDataset<InventorySettings> = {
  ...inventoryDeclaration,
  collector: ({ resources }, unit) => {
    const configured: Partial<Record<string, Partial<Record<string, readonly string[]>>>> = resources;
    return inventoryCollector(CATALOGUE, unit, (type, project) => configured[type]?.[project] ?? []);
  },
};
