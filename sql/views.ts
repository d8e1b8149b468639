import type { View } from './view.ts';
import { alertIncidents } from './views/alert-incidents.ts';
import { auditTrail } from './views/audit-trail.ts';
import { backupCompliance } from './views/backup-compliance.ts';
import { configurationChanges } from './views/configuration-changes.ts';
import { costsMonthly } from './views/costs-monthly.ts';
import { expiringSecrets, usersByRole } from './views/credentials.ts';
import { databaseGrowthDaily, databaseGrowthWeekly } from './views/database-growth.ts';
import { datasetFreshness } from './views/dataset-freshness.ts';
import { diskForecast } from './views/disk-forecast.ts';
import { duplicateRows } from './views/duplicate-rows.ts';
import { failedLogins } from './views/failed-logins.ts';
import { hottestNamespaces } from './views/hottest-namespaces.ts';
import { indexSuggestionsOpen } from './views/index-suggestions.ts';
import { currentInventory, inventoryDriftDaily } from './views/inventory.ts';
import { hourlyMeasurements, latestMeasurements } from './views/measurements.ts';
import { networkAccess } from './views/network-access.ts';
import { openGaps } from './views/open-gaps.ts';
import { processHealth, replicationLag } from './views/process-health.ts';
import { busiestQueryShapes } from './views/query-shapes.ts';
import { searchHealth } from './views/search-health.ts';
import { collectionScans, slowestQueryShapes } from './views/slow-queries.ts';
import { subjectNames } from './views/subject-names.ts';

/** All views. To add one, write a file in `views/` and add a line here. The stack, CLI and dictionary use this list. */
export const views: readonly View[] = [
  latestMeasurements,
  hourlyMeasurements,
  diskForecast,
  processHealth,
  replicationLag,
  searchHealth,
  databaseGrowthDaily,
  databaseGrowthWeekly,
  hottestNamespaces,
  slowestQueryShapes,
  collectionScans,
  indexSuggestionsOpen,
  busiestQueryShapes,
  failedLogins,
  alertIncidents,
  currentInventory,
  inventoryDriftDaily,
  subjectNames,
  usersByRole,
  networkAccess,
  backupCompliance,
  expiringSecrets,
  auditTrail,
  configurationChanges,
  costsMonthly,
  datasetFreshness,
  openGaps,
  duplicateRows,
];
