import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { diskMeasurements } from './tables.ts';

// The newest point was at most 61 s old in recorded responses, and timestamps are up to 59 s later than their interval of
// whole minutes. So every interval is over and reported after 120 s.
const settings = seriesSettings({ settle: 2 * MINUTE, backfill: 48 * HOUR, granularity: 'PT1M' });

/** Operations, latency, throughput and space of disks. */
export const diskMeasurementsDeclaration: DatasetDeclaration<SeriesSettings> = {
  name: 'disk_measurements',
  description: diskMeasurements.description,
  tables: [diskMeasurements],
  everyMinutes: 10,
  offsetMinutes: 2,
  settings,
  defaults: settings.parse({}),
};
