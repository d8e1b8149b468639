import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { costCollector } from './collect.ts';
import { type CostUsageSettings, costUsageDeclaration } from './declaration.ts';

export const costUsageDataset: DeclaredDataset<CostUsageSettings> = {
  ...costUsageDeclaration,
  collector: costCollector,
};
