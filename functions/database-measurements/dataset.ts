import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { SeriesSettings } from '../../shared/engine/settings.ts';
import { processId, projectOf } from '../../shared/ids.ts';
import { defineTable, type RowOf } from '../../shared/lake/table.ts';
import {
  pointColumns,
  pointValues,
  processColumns,
  processValues,
} from '../../shared/measurements/measurement-table.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import { listMongods } from '../../shared/sources/processes.ts';
import { measurements } from './measurements.ts';

const table = defineTable({
  name: 'database_measurements',
  description: 'What each database of each process held: sizes and counts, from the dbStats command.',
  columns: [
    ...processColumns,
    { name: 'database_name', type: 'string', description: 'The database.' },
    ...pointColumns,
  ],
  target: ['process_id', 'database_name'],
  naturalKey: ['project_id', 'process_id', 'database_name', 'measurement', 'granularity', 'ts'],
  measurements,
});

/** Sizes and counts of databases. Atlas samples them every 20 minutes, so that at PT5M most intervals are null. */
export const databaseMeasurements: Dataset<SeriesSettings> = {
  name: 'database_measurements',
  description: table.description,
  tables: [table],
  everyMinutes: 20,
  defaults: { settle: 25 * MINUTE, backfill: 48 * HOUR, granularity: 'PT5M' },
  collector: (settings) =>
    seriesCollector(
      {
        table,
        listSources: listMongods,
        listTargets: (atlas, subject, source) =>
          atlas.listDatabases(projectOf(subject), processId(source.id)),
        fetch: (atlas, { subject, source, name }, window) =>
          atlas.databaseMeasurements(projectOf(subject), processId(source), name, window),
        row: (target, point, resolution, collectedAt): RowOf<typeof table> => ({
          ...processValues(target),
          database_name: target.name,
          ...pointValues(point, resolution, collectedAt),
        }),
      },
      settings,
    ),
};
