import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { processId } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { pointValues, processValues } from '../../shared/measurements/measurement-table.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import type { SeriesSettings } from '../../shared/measurements/series-settings.ts';
import { listMongods } from '../../shared/sources/processes.ts';
import { databaseMeasurementsDeclaration } from './declaration.ts';
import { databaseMeasurements } from './tables.ts';

export const databaseMeasurementsDataset: DeclaredDataset<SeriesSettings> = {
  ...databaseMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: databaseMeasurements,
        listSources: listMongods,
        listTargets: (atlas, project, source) => atlas.listDatabases(project, processId(source.id)),
        fetch: (atlas, { project, source, name }, window) =>
          atlas.databaseMeasurements(project, processId(source), name, window),
        row: (target, point, resolution, collectedAt): RowOf<typeof databaseMeasurements> => ({
          ...processValues(target),
          database_name: target.name,
          ...pointValues(point, resolution, collectedAt),
        }),
      },
      settings,
    ),
};
