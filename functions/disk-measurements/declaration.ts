import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { diskMeasurements } from './tables.ts';

const settings = seriesSettings({ settle: 10 * MINUTE, backfill: 48 * HOUR, granularity: 'PT1M' });

/** Operations, latency, throughput and space of disks. */
export const diskMeasurementsDeclaration: DatasetDeclaration<SeriesSettings> = {
  name: 'disk_measurements',
  description: diskMeasurements.description,
  tables: [diskMeasurements],
  everyMinutes: 20,
  settings,
  defaults: settings.parse({}),
};
