import type { DatasetDeclaration } from '../shared/engine/declaration.ts';
import { accessLogsDeclaration } from './access-logs/declaration.ts';
import { alertsDeclaration } from './alerts/declaration.ts';
import { auditLogsDeclaration } from './audit-logs/declaration.ts';
import { costUsageDeclaration } from './cost-usage/declaration.ts';
import { databaseMeasurementsDeclaration } from './database-measurements/declaration.ts';
import { diskMeasurementsDeclaration } from './disk-measurements/declaration.ts';
import { eventsDeclaration } from './events/declaration.ts';
import { hostLogsDeclaration } from './host-logs/declaration.ts';
import { indexSuggestionsDeclaration } from './index-suggestions/declaration.ts';
import { inventoryDeclaration } from './inventory/declaration.ts';
import { processMeasurementsDeclaration } from './process-measurements/declaration.ts';
import { queryShapesDeclaration } from './query-shapes/declaration.ts';
import { rankedNamespacesDeclaration } from './ranked-namespaces/declaration.ts';
import { searchMeasurementsDeclaration } from './search-measurements/declaration.ts';
import { slowQueriesDeclaration } from './slow-queries/declaration.ts';

/**
 * The declarations of all datasets, without their collectors. To add a dataset, add a folder beside this file, a line
 * here and a line in `datasets.ts`.
 */
export const declarations: readonly DatasetDeclaration[] = [
  databaseMeasurementsDeclaration,
  diskMeasurementsDeclaration,
  processMeasurementsDeclaration,
  searchMeasurementsDeclaration,
  rankedNamespacesDeclaration,
  accessLogsDeclaration,
  slowQueriesDeclaration,
  indexSuggestionsDeclaration,
  queryShapesDeclaration,
  alertsDeclaration,
  eventsDeclaration,
  inventoryDeclaration,
  costUsageDeclaration,
  hostLogsDeclaration,
  auditLogsDeclaration,
];
