import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { accessLogsCollector } from './collector.ts';
import { type AccessLogsSettings, accessLogsDeclaration } from './declaration.ts';

export const accessLogsDataset: DeclaredDataset<AccessLogsSettings> = {
  ...accessLogsDeclaration,
  collector: accessLogsCollector,
};
