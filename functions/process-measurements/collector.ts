import { wholeListing } from '../../shared/atlas/listing.ts';
import { SELF } from '../../shared/engine/dataset.ts';
import { isSelected } from '../../shared/measurements/selection.ts';
import { seriesDataset } from '../../shared/measurements/series-collector.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { processMeasurementsDeclaration } from './declaration.ts';
import { processMeasurements } from './tables.ts';

export const processMeasurementsDataset = seriesDataset(processMeasurementsDeclaration, {
  table: processMeasurements,
  targetColumn: null,
  // A whole item: room for more than 600 series at any granularity. Atlas has 141.
  targetsPerItem: 1,
  listSources: processSources({ except: [] }),
  // Each process is one target without a name of its own.
  listTargets: async () => wholeListing([SELF]),
  selects: ({ measurements }, name) => isSelected(measurements, name),
  fetch: (atlas, { project, process }, window) => atlas.processMeasurements(project, process, window),
  // At ten seconds, one response can be 10 MB.
  concurrency: 3,
});
