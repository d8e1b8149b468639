import type { Dataset } from '../shared/engine/dataset.ts';
import { accessLogsDataset } from './access-logs/collector.ts';
import { alertsDataset } from './alerts/collector.ts';
import { auditLogsDataset } from './audit-logs/collector.ts';
import { costUsageDataset } from './cost-usage/collector.ts';
import { databaseMeasurementsDataset } from './database-measurements/collector.ts';
import { diskMeasurementsDataset } from './disk-measurements/collector.ts';
import { eventsDataset } from './events/collector.ts';
import { hostLogsDataset } from './host-logs/collector.ts';
import { indexSuggestionsDataset } from './index-suggestions/collector.ts';
import { inventoryDataset } from './inventory/collector.ts';
import { processMeasurementsDataset } from './process-measurements/collector.ts';
import { queryShapesDataset } from './query-shapes/collector.ts';
import { rankedNamespacesDataset } from './ranked-namespaces/collector.ts';
import { searchMeasurementsDataset } from './search-measurements/collector.ts';
import { slowQueriesDataset } from './slow-queries/collector.ts';

/** All datasets with their collectors, in the order of `declarations.ts`. */
export const datasets: readonly Dataset[] = [
  databaseMeasurementsDataset,
  diskMeasurementsDataset,
  processMeasurementsDataset,
  searchMeasurementsDataset,
  rankedNamespacesDataset,
  accessLogsDataset,
  slowQueriesDataset,
  indexSuggestionsDataset,
  queryShapesDataset,
  alertsDataset,
  eventsDataset,
  inventoryDataset,
  costUsageDataset,
  hostLogsDataset,
  auditLogsDataset,
];
