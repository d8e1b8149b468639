import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { databaseMeasurements } from './tables.ts';

// The newest point was at most 355 s old in recorded responses, and timestamps are up to a minute later than their
// interval of whole minutes. So every interval is over and reported after 415 s.
const settings = seriesSettings({ settle: 7 * MINUTE, backfill: 48 * HOUR, granularity: 'PT5M' });

/** Sizes and counts of databases. Atlas samples them every 20 minutes, so at PT5M most intervals are null. */
export const databaseMeasurementsDeclaration: DatasetDeclaration<SeriesSettings> = {
  name: 'database_measurements',
  description: databaseMeasurements.description,
  tables: [databaseMeasurements],
  everyMinutes: 20,
  // An interval of five minutes has just settled: the first of each 20 minutes, in case Atlas samples at the full hour.
  offsetMinutes: 12,
  settings,
  defaults: settings.parse({}),
};
