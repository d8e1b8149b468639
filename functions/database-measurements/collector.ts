import { seriesDataset } from '../../shared/measurements/series-collector.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { databaseMeasurementsDeclaration } from './declaration.ts';
import { databaseMeasurements } from './tables.ts';

export const databaseMeasurementsDataset = seriesDataset(databaseMeasurementsDeclaration, {
  table: databaseMeasurements,
  targetColumn: 'database_name',
  // Atlas has 9 series today. This is more than five times as many.
  maxSeries: 50,
  // A mongos serves no databases.
  listSources: processSources({ except: ['SHARD_MONGOS'] }),
  listTargets: (atlas, project, process) => atlas.listDatabases(project, process),
  fetch: (atlas, { project, process, name }, window) =>
    atlas.databaseMeasurements(project, process, name, window),
});
