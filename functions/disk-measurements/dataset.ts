import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { SeriesSettings } from '../../shared/engine/settings.ts';
import { processId } from '../../shared/ids.ts';
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
  name: 'disk_measurements',
  description: 'What each disk of each process did and held: operations, latency, throughput, space.',
  columns: [
    ...processColumns,
    { name: 'partition_name', type: 'string', description: 'The disk or partition.' },
    ...pointColumns,
  ],
  target: ['process_id', 'partition_name'],
  naturalKey: ['project_id', 'process_id', 'partition_name', 'measurement', 'granularity', 'ts'],
  measurements,
});

/** Operations, latency, throughput and space of disks. */
export const diskMeasurements: Dataset<SeriesSettings> = {
  name: 'disk_measurements',
  description: table.description,
  tables: [table],
  everyMinutes: 20,
  defaults: { settle: 10 * MINUTE, backfill: 48 * HOUR, granularity: 'PT1M' },
  collector: (settings) =>
    seriesCollector(
      {
        table,
        listSources: listMongods,
        listTargets: (atlas, project, source) => atlas.listDisks(project, processId(source.id)),
        fetch: (atlas, { project, source, name }, window) =>
          atlas.diskMeasurements(project, processId(source), name, window),
        row: (target, point, resolution, collectedAt): RowOf<typeof table> => ({
          ...processValues(target),
          partition_name: target.name,
          ...pointValues(point, resolution, collectedAt),
        }),
      },
      settings,
    ),
};
