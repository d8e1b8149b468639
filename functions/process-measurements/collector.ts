import { wholeListing } from '../../shared/atlas/listing.ts';
import { type Dataset, SELF } from '../../shared/engine/dataset.ts';
import { processId, projectOf } from '../../shared/ids.ts';
import { isSelected } from '../../shared/measurements/selection.ts';
import { seriesCollector } from '../../shared/measurements/series-collector.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { type ProcessMeasurementsSettings, processMeasurementsDeclaration } from './declaration.ts';
import { processMeasurements } from './tables.ts';

export const processMeasurementsDataset: Dataset<ProcessMeasurementsSettings> = {
  ...processMeasurementsDeclaration,
  collector: (settings) =>
    seriesCollector(
      {
        table: processMeasurements,
        targetColumn: null,
        // A whole item: room for more than 600 series at any granularity. Atlas has 141.
        targetsPerItem: 1,
        listSources: processSources({ except: [] }),
        // Each process is one target without a name of its own.
        listTargets: async () => wholeListing([SELF]),
        selects: (measurement) => isSelected(settings.measurements, measurement),
        fetch: (atlas, { subject, source }, window) =>
          atlas.processMeasurements(projectOf(subject), processId(source), window),
        // At ten seconds, one response can be 10 MB.
        concurrency: 3,
      },
      settings,
    ),
};
