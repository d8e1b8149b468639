import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { selection } from '../../shared/measurements/selection.ts';
import { type SeriesSettings, seriesSettings } from '../../shared/measurements/series-settings.ts';
import { measurements } from './measurements.ts';
import { processMeasurements } from './tables.ts';

export interface ProcessMeasurementsSettings extends SeriesSettings {
  /** Patterns of the measurements that are collected. */
  readonly measurements: readonly string[];
  readonly [setting: string]: unknown;
}

const settings = seriesSettings({
  // As for disks: hosts report both at the same time.
  settle: 2 * MINUTE,
  backfill: 48 * HOUR,
  granularity: 'PT1M',
}).extend({ measurements: selection(measurements) });

/** Everything that Atlas measures of processes and their hosts: one request for each process and tick. */
export const processMeasurementsDeclaration: DatasetDeclaration<ProcessMeasurementsSettings> = {
  name: 'process_measurements',
  description: processMeasurements.description,
  tables: [processMeasurements],
  everyMinutes: 10,
  offsetMinutes: 3,
  settings,
  defaults: settings.parse({}),
};
