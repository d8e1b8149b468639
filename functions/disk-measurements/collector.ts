import type { Dataset } from '../../shared/engine/dataset.ts';
import { processId, projectOf } from '../../shared/ids.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import type { SeriesSettings } from '../../shared/measurements/series-settings.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { diskMeasurementsDeclaration } from './declaration.ts';
import { diskMeasurements } from './tables.ts';

export const diskMeasurementsDataset: Dataset<SeriesSettings> = {
  ...diskMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: diskMeasurements,
        targetColumn: 'partition_name',
        // Room for 56 series at PT1M. Atlas has 21.
        targetsPerItem: 12,
        // Atlas lists disks of a mongos that never return points.
        listSources: processSources({ except: ['SHARD_MONGOS'] }),
        listTargets: (atlas, subject, source) => atlas.listDisks(projectOf(subject), processId(source.id)),
        fetch: (atlas, { subject, source, name }, window) =>
          atlas.diskMeasurements(projectOf(subject), processId(source), name, window),
      },
      settings,
    ),
};
