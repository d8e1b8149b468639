import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { databaseMeasurements } from './tables.ts';

const settings = seriesSettings({ settle: 25 * MINUTE, backfill: 48 * HOUR, granularity: 'PT5M' });

/** Sizes and counts of databases. Atlas samples them every 20 minutes, so at PT5M most intervals are null. */
export const databaseMeasurementsDeclaration: DatasetDeclaration<SeriesSettings> = {
  name: 'database_measurements',
  description: databaseMeasurements.description,
  tables: [databaseMeasurements],
  everyMinutes: 20,
  settings,
  defaults: settings.parse({}),
};
