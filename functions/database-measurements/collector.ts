import type { Dataset } from '../../shared/engine/dataset.ts';
import { processId, projectOf } from '../../shared/ids.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import type { SeriesSettings } from '../../shared/measurements/series-settings.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { databaseMeasurementsDeclaration } from './declaration.ts';
import { databaseMeasurements } from './tables.ts';

export const databaseMeasurementsDataset: Dataset<SeriesSettings> = {
  ...databaseMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: databaseMeasurements,
        targetColumn: 'database_name',
        // Room for 66 series at PT5M, and for 25 at PT1M. Atlas has 9.
        targetsPerItem: 24,
        // A mongos serves no databases.
        listSources: processSources({ except: ['SHARD_MONGOS'] }),
        listTargets: (atlas, subject, source) =>
          atlas.listDatabases(projectOf(subject), processId(source.id)),
        fetch: (atlas, { subject, source, name }, window) =>
          atlas.databaseMeasurements(projectOf(subject), processId(source), name, window),
      },
      settings,
    ),
};
