import { wholeListing } from '../../shared/atlas/listing.ts';
import { isMissingPart, isRejected, isUnavailable } from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import { SELF } from '../../shared/engine/dataset.ts';
import { seriesDataset } from '../../shared/measurements/series-collector.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { searchMeasurementsDeclaration } from './declaration.ts';
import { searchMeasurements } from './tables.ts';

export const searchMeasurementsDataset = seriesDataset(searchMeasurementsDeclaration, {
  table: searchMeasurements,
  targetColumn: null,
  // A whole item, as for processes. Atlas documents ten series.
  targetsPerItem: 1,
  optional: {
    restMs: 4 * HOUR,
    // Atlas does not document which error a host without Atlas Search answers with.
    isLacking: (error) => isRejected(error) || isUnavailable(error) || isMissingPart(error),
    note: 'a process has no values of Atlas Search; it is asked again in four hours',
  },
  // Atlas does not document on which hosts Atlas Search runs.
  listSources: processSources({ except: [] }),
  listTargets: async () => wholeListing([SELF]),
  fetch: (atlas, { project, process }, window) => atlas.searchMeasurements(project, process, window),
});
