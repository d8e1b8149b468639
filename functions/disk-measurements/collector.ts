import { seriesDataset } from '../../shared/measurements/series-collector.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { diskMeasurementsDeclaration } from './declaration.ts';
import { diskMeasurements } from './tables.ts';

export const diskMeasurementsDataset = seriesDataset(diskMeasurementsDeclaration, {
  table: diskMeasurements,
  targetColumn: 'partition_name',
  // Atlas has 21 series today. This is more than twice as many.
  maxSeries: 50,
  // Atlas lists disks of a mongos that never return points.
  listSources: processSources({ except: ['SHARD_MONGOS'] }),
  listTargets: (atlas, project, process) => atlas.listDisks(project, process),
  fetch: (atlas, { project, process, name }, window) =>
    atlas.diskMeasurements(project, process, name, window),
});
