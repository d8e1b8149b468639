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

/**
 * Six hours of a disk are an answer of some 600 KB, of which six are read at a time. Left to itself, Node lets the memory
 * grow with the number of disks, though nothing of one is needed for the next.
 */
const HEAP_MEGABYTES = 192;

/** Operations, latency, throughput and space of disks. */
export const diskMeasurements: Dataset<SeriesSettings> = {
  name: 'disk_measurements',
  description: table.description,
  tables: [table],
  everyMinutes: 20,
  defaults: { settle: 10 * MINUTE, backfill: 48 * HOUR, granularity: 'PT1M' },
  heapMegabytes: HEAP_MEGABYTES,
  collector: (settings) =>
    seriesCollector(
      {
        table,
        listSources: listMongods,
        listTargets: (atlas, subject, source) => atlas.listDisks(projectOf(subject), processId(source.id)),
        fetch: (atlas, { subject, source, name }, window) =>
          atlas.diskMeasurements(projectOf(subject), processId(source), name, window),
        row: (target, point, resolution, collectedAt): RowOf<typeof table> => ({
          ...processValues(target),
          partition_name: target.name,
          ...pointValues(point, resolution, collectedAt),
        }),
      },
      settings,
    ),
};
