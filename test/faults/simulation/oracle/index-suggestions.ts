import { DAY } from '../../../../shared/durations.ts';
import { expectedSnapshot, KINDS } from '../../../support/expected-index-suggestions.ts';
import { identity } from '../../../support/expected-rows.ts';
import { snapshotsOf } from '../generators/snapshots.ts';
import { minuteOf } from '../history.ts';
import { advancesOf } from './advances.ts';
import { createClusterListingCheck } from './listing.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { beginningOf, SnapshotCheck } from './snapshot-check.ts';

const DATASET = 'index_suggestions';

/** Checks every promise about index suggestions: each due snapshot is written once as Atlas gave it, or is in a gap. */
export function checkIndexSuggestions({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const nameOf = ({ values }: { values: Readonly<Record<string, unknown>> }) =>
    [values['project_id'], values['cluster_name'], values['kind']].join('/');
  const rows = Map.groupBy(lake.rows('index_suggestions'), nameOf);
  const snapshots = Map.groupBy(lake.rows('index_suggestion_snapshots'), nameOf);
  const gaps = lake.gapsOf(DATASET);
  const refusals = snapshotsOf(history.seed).outages.filter(({ kind }) => kind !== 'failure');
  return organisation.projects.flatMap((its) =>
    its.clusters.flatMap((cluster) =>
      KINDS.flatMap((kind) => {
        const { id: project } = its;
        const isOfWindow = kind === 'create_index';
        const tracked = { dataset: DATASET, subject: project, source: cluster.name, name: kind };
        const name = [project, cluster.name, kind].join('/');
        const check = new SnapshotCheck({
          interval: DAY,
          isOfWindow,
          runs: readingRuns({ history, organisation, world }, tracked, cluster.name),
          advances: advancesOf(world, tracked, (run) => beginningOf(run, DAY, isOfWindow)),
          isListed: createClusterListingCheck(history, organisation, its, cluster),
          refusals:
            cluster.instanceSize === 'M0'
              ? 'always'
              : refusals.map(({ from, to }) => [minuteOf(from), minuteOf(to)]),
          rows: rows.get(name) ?? [],
          snapshots: snapshots.get(name) ?? [],
          gaps: (gaps.get(`${cluster.name}/${kind}`) ?? []).filter(({ subject }) => subject === project),
          expected: (from, at) => {
            const of = { project, cluster, kind };
            const expected = expectedSnapshot(organisation, of, { start: from, end: from + DAY }, at);
            return { rows: expected.rows.map(identity), snapshot: identity(expected.snapshot) };
          },
        });
        return check.violations().map((violation) => `${DATASET} ${cluster.name} ${kind}: ${violation}`);
      }),
    ),
  );
}
