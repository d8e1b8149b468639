import { HOUR } from '../../../../shared/durations.ts';
import { mongodsOf } from '../../../support/expected-ranked-namespaces.ts';
import { advancesOf } from './advances.ts';
import { floorTo } from './instants.ts';
import { createListingCheck } from './listing.ts';
import { RankedHourCheck } from './ranked-hour-check.ts';
import { settingsOf, timeOf } from './runs.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';

const DATASET = 'ranked_namespaces';

/** Checks every promise about ranked namespaces. */
export function checkRankedNamespaces({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const byProcess = (table: string) =>
    Map.groupBy(lake.rows(table), ({ values }) => String(values['process_id']));
  const [ranks, measurements] = [byProcess('ranked_namespaces'), byProcess('namespace_measurements')];
  const gaps = lake.gapsOf(DATASET);
  return mongodsOf(organisation).flatMap(({ project, process }) => {
    const tracked = { dataset: DATASET, subject: project, source: process.id, name: '$self' };
    const check = new RankedHourCheck({
      organisation,
      project,
      process,
      runs: readingRuns({ history, organisation, world }, tracked, process.clusterName),
      advances: advancesOf(world, tracked, (run) => floorTo(timeOf(run) - settingsOf(run).backfill, HOUR)),
      isListed: createListingCheck(history, organisation, process.id),
      ranks: ranks.get(process.id) ?? [],
      measurements: measurements.get(process.id) ?? [],
      gaps: gaps.get(process.id) ?? [],
    });
    return check.violations().map((violation) => `${DATASET} ${process.id}: ${violation}`);
  });
}
