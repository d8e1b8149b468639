import type { Dataset } from '../../shared/collection/dataset.ts';
import { MINUTE } from '../../shared/collection/durations.ts';
import { accessLogsCollector, type HistorySettings } from './collector.ts';
import { accessLogs } from './table.ts';
import { RETENTION } from './windows.ts';

/** How far behind the mark a run reads again, for entries that come late. */
const OVERLAP = 2 * MINUTE;

/** Who authenticated to which host. */
export const accessLogsDataset: Dataset<HistorySettings> = {
  name: 'access_logs',
  description: accessLogs.description,
  tables: [accessLogs],
  everyMinutes: 10,
  defaults: { settle: 10 * MINUTE, backfill: RETENTION, overlap: OVERLAP },
  collector: accessLogsCollector,
};
