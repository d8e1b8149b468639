import { MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { accessLogsCollector, type HistorySettings } from './collector.ts';
import { accessLogs } from './table.ts';
import { RETENTION } from './windows.ts';

/** How far behind the watermark a run reads again, for entries that come late. */
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
