import type { Dataset } from '../../shared/collection/dataset.ts';
import { MINUTE } from '../../shared/collection/durations.ts';
import { accessLogsCollector, DEFAULT_OVERLAP } from './collector.ts';
import { accessLogs } from './table.ts';
import { RETENTION } from './windows.ts';

/** Who authenticated to which host. */
export const accessLogsDataset: Dataset = {
  name: 'access_logs',
  description: accessLogs.description,
  tables: [accessLogs],
  everyMinutes: 10,
  defaults: { settle: 10 * MINUTE, backfill: RETENTION, overlap: DEFAULT_OVERLAP },
  collector: accessLogsCollector,
};
