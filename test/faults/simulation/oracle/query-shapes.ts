import { HOUR } from '../../../../shared/durations.ts';
import { expectedShapes } from '../../../support/expected-query-shapes.ts';
import { snapshotsOf } from '../generators/snapshots.ts';
import { minuteOf } from '../history.ts';
import { advancesOf } from './advances.ts';
import { createClusterListingCheck } from './listing.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { beginningOf, SnapshotCheck } from './snapshot-check.ts';

const DATASET = 'query_shapes';

/** Checks every promise about query shapes: each hour is written once as Atlas gave it, or is in a gap. */
export function checkQueryShapes({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ values }) =>
    [values['project_id'], values['cluster_name']].join('/'),
  );
  const gaps = lake.gapsOf(DATASET);
  const refusals = snapshotsOf(history.seed).outages.filter(({ kind }) => kind !== 'failure');
  return organisation.projects.flatMap((project) =>
    project.clusters.flatMap((cluster) => {
      const tracked = { dataset: DATASET, subject: project.id, source: cluster.name, name: '$self' };
      const check = new SnapshotCheck({
        interval: HOUR,
        isOfWindow: true,
        runs: readingRuns({ history, organisation, world }, tracked, cluster.name),
        advances: advancesOf(world, tracked, (run) => beginningOf(run, HOUR, true)),
        isListed: createClusterListingCheck(history, organisation, project, cluster),
        refusals:
          cluster.instanceSize === 'M0'
            ? 'always'
            : refusals.map(({ from, to }) => [minuteOf(from), minuteOf(to)]),
        rows: rows.get(`${project.id}/${cluster.name}`) ?? [],
        snapshots: null,
        gaps: (gaps.get(cluster.name) ?? []).filter(({ subject }) => subject === project.id),
        expected: (from, at) => ({
          rows: expectedShapes(organisation, { project: project.id, cluster }, from, at),
          snapshot: null,
        }),
      });
      return check.violations().map((violation) => `${DATASET} ${cluster.name}: ${violation}`);
    }),
  );
}
