import type { Project } from '../../../../simulator/organisation/types.ts';
import { instantOf } from '../../../support/times.ts';
import { type Advance, advancesOf } from './advances.ts';
import { AlertCheck } from './alert-check.ts';
import { checkConfiguration } from './alert-configurations.ts';
import { formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import { runsOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';

const DATASET = 'alerts';

/** A commit of a run. The run read everything in this commit in [from, to]. */
export interface CommittedRead {
  /** These times are by Atlas's clock. */
  from: number;
  to: number;
  sequence: number;
  /** Whether the run certainly read everything. A run that could not still commits its report and a new cursor. */
  readEverything: boolean;
  advance: Advance;
}

/** Checks every promise about alerts and their configurations. */
export function checkAlerts(simulated: SimulatedHistory): string[] {
  return simulated.organisation.projects.flatMap((project) =>
    checkProject(simulated, project).map((violation) => `${DATASET} of ${project.id}: ${violation}`),
  );
}

function checkProject({ history, organisation, world, lake }: SimulatedHistory, project: Project): string[] {
  const own = (table: string) =>
    lake.rows(table).filter(({ dataset, subject }) => dataset === DATASET && subject === project.id);
  const tracked = { dataset: DATASET, subject: project.id, source: project.id, name: '$self' };
  const reads = advancesOf(world, tracked, ({ startedAt }) => startedAt).map((advance) => ({
    from: advance.run.startedAt,
    to: advance.at,
    sequence: advance.sequence,
    // A watermark is the start of a run. The first one is the tick or earlier until a run reads something. A run reports
    // what Atlas did not answer.
    readEverything:
      (advance.from === undefined ? advance.to > advance.run.tick : advance.to !== advance.from) &&
      advance.run.result?.failures.length === 0,
    advance,
  }));
  const rows = Map.groupBy(own('alerts'), ({ values }) => String(values['alert_id']));
  const configurations = Map.groupBy(own('alert_configurations'), ({ values }) =>
    String(values['alert_config_id']),
  );
  const gaps = own('collection_gaps');
  const ids = { groupId: project.id, orgId: organisation.id };
  const known = new Set([...project.alerts, ...project.alertConfigurations].map(({ id }) => id));
  return [
    ...[...rows.keys(), ...configurations.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `a row of an unknown alert or configuration: ${id}`),
    ...project.alerts.flatMap((alert) =>
      new AlertCheck({
        alert,
        ids,
        reads,
        rows: inOrder(rows.get(alert.id) ?? []),
        gaps,
        history,
      }).violations(),
    ),
    ...project.alertConfigurations.flatMap((configuration) =>
      checkConfiguration(configuration, project.id, reads, configurations.get(configuration.id) ?? []),
    ),
    ...gaps.flatMap((gap) => checkGap(gap, project, reads)),
    ...runsOf(world, tracked)
      .filter(({ result }) => result?.outcome === 'complete')
      .filter((run) => !reads.some(({ advance }) => advance.run === run))
      .map(({ tick }) => `the run of ${formatInstant(tick)} is complete, but committed nothing`),
  ];
}

/** Sorts rows by commit and revision. Rows of one commit can be in objects of several days. */
function inOrder(rows: readonly CommittedRow[]): CommittedRow[] {
  return [...rows].sort(
    (a, b) => a.sequence - b.sequence || Number(a.values['revision']) - Number(b.values['revision']),
  );
}

/** Checks that a gap names only alerts that Atlas had deleted by then. */
function checkGap(gap: CommittedRow, project: Project, reads: readonly CommittedRead[]): string[] {
  const seen = reads.find(({ sequence }) => sequence === gap.sequence);
  const ids = String(gap.values['reason']).match(/[0-9a-f]{24}/g) ?? [];
  const isTrue =
    seen !== undefined &&
    ids.length > 0 &&
    instantOf(gap.values['gap_end']) >= gap.ts &&
    ids.every((id) =>
      project.alerts.some((alert) => alert.id === id && (alert.dropped ?? Infinity) <= seen.to),
    );
  return isTrue ? [] : [`a gap over an alert that Atlas still had: ${JSON.stringify(gap.values)}`];
}
