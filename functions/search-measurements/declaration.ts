import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { searchMeasurements } from './tables.ts';

const settings = seriesSettings({ settle: 10 * MINUTE, backfill: 48 * HOUR, granularity: 'PT1M' });

/** Hardware and status of Atlas Search: one request for each process and tick, and fewer where it does not run. */
export const searchMeasurementsDeclaration: DatasetDeclaration<SeriesSettings> = {
  name: 'search_measurements',
  description: searchMeasurements.description,
  tables: [searchMeasurements],
  everyMinutes: 30,
  offsetMinutes: 19,
  settings,
  defaults: settings.parse({}),
};
