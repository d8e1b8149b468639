import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { processId } from '../../shared/ids.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import type { SeriesSettings } from '../../shared/measurements/series-settings.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { diskMeasurementsDeclaration } from './declaration.ts';
import { diskMeasurements } from './tables.ts';

export const diskMeasurementsDataset: DeclaredDataset<SeriesSettings> = {
  ...diskMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: diskMeasurements,
        targetColumn: 'partition_name',
        // More than twice as many as Atlas has today (21).
        mostSeries: 50,
        // Atlas lists disks of a mongos that never return points.
        listSources: processSources({ except: ['SHARD_MONGOS'] }),
        listTargets: (atlas, project, source) => atlas.listDisks(project, processId(source.id)),
        fetch: (atlas, { project, source, name }, window) =>
          atlas.diskMeasurements(project, processId(source), name, window),
      },
      settings,
    ),
};
