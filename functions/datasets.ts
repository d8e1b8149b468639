import type { Dataset } from '../shared/engine/dataset.ts';
import { accessLogsDataset } from './access-logs/dataset.ts';
import { alertHistory } from './alerts/dataset.ts';
import { costUsage } from './cost-usage/dataset.ts';
import { databaseMeasurements } from './database-measurements/dataset.ts';
import { diskMeasurements } from './disk-measurements/dataset.ts';
import { inventory } from './inventory/dataset.ts';
import { rankedNamespacesDataset } from './ranked-namespaces/dataset.ts';

/** Every dataset. A new one is a folder beside this file and a line here; the rest follows from its declaration. */
export const datasets: readonly Dataset[] = [
  databaseMeasurements,
  diskMeasurements,
  rankedNamespacesDataset,
  accessLogsDataset,
  alertHistory,
  inventory,
  costUsage,
];
