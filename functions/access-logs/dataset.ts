import { MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { accessLogsCollector, type HistorySettings } from './collector.ts';
import { accessLogs } from './table.ts';
import { RETENTION } from './windows.ts';

/** How far behind the watermark a run reads again, for entries that come late. */
const OVERLAP = 2 * MINUTE;

/**
 * The client takes no answer above 64 MiB; as text and as entries such a one takes some 150 MB for a moment. Usual full
 * answers take a third of that.
 */
const HEAP_MEGABYTES = 192;

/** Who authenticated to which host. */
export const accessLogsDataset: Dataset<HistorySettings> = {
  name: 'access_logs',
  description: accessLogs.description,
  tables: [accessLogs],
  everyMinutes: 10,
  defaults: { settle: 10 * MINUTE, backfill: RETENTION, overlap: OVERLAP },
  heapMegabytes: HEAP_MEGABYTES,
  collector: accessLogsCollector,
};
