import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { processId } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { pointValues, processValues } from '../../shared/measurements/measurement-table.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import type { SeriesSettings } from '../../shared/measurements/series-settings.ts';
import { listMongods } from '../../shared/sources/processes.ts';
import { diskMeasurementsDeclaration } from './declaration.ts';
import { diskMeasurements } from './tables.ts';

export const diskMeasurementsDataset: DeclaredDataset<SeriesSettings> = {
  ...diskMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: diskMeasurements,
        listSources: listMongods,
        listTargets: (atlas, project, source) => atlas.listDisks(project, processId(source.id)),
        fetch: (atlas, { project, source, name }, window) =>
          atlas.diskMeasurements(project, processId(source), name, window),
        row: (target, point, resolution, collectedAt): RowOf<typeof diskMeasurements> => ({
          ...processValues(target),
          partition_name: target.name,
          ...pointValues(point, resolution, collectedAt),
        }),
      },
      settings,
    ),
};
