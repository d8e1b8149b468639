import type { Project } from '../../../../simulator/organisation/types.ts';
import { instantOf } from '../../../support/times.ts';
import { AlertCheck } from './alert-check.ts';
import { checkConfiguration } from './alert-configurations.ts';
import type { CommittedRow } from './lake.ts';
import type { Lived } from './lived.ts';
import { runsOf, type Stride, stridesOf, time } from './strides.ts';

const DATASET = 'alerts';

/** A commit of a run: all that the run had read by then, it read in [from, to]. */
export interface Sighting {
  /** By Atlas's clock. */
  from: number;
  to: number;
  sequence: number;
  /** Whether it is known to have read everything: a run that could not still commits its report, and a new cursor. */
  isWhole: boolean;
  stride: Stride;
}

/** Checks all that was promised of alerts and their configurations. */
export function checkAlerts(about: Lived): string[] {
  return about.organisation.projects.flatMap((project) =>
    checkProject(about, project).map((violation) => `${DATASET} of ${project.id}: ${violation}`),
  );
}

function checkProject({ history, organisation, world, lake }: Lived, project: Project): string[] {
  const own = (table: string) =>
    lake.rows(table).filter(({ dataset, unit }) => dataset === DATASET && unit === project.id);
  const tracked = { dataset: DATASET, project: project.id, source: project.id, name: '$self' };
  const sightings = stridesOf(world, tracked, ({ startedAt }) => startedAt).map((stride) => ({
    from: stride.run.startedAt,
    to: stride.at,
    sequence: stride.sequence,
    // A watermark is when a run began. The first one of all is the tick, or before it, until something is read.
    isWhole: stride.from === undefined ? stride.to > stride.run.tick : stride.to !== stride.from,
    stride,
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
      .map((id) => `a row of what is none: ${id}`),
    ...project.alerts.flatMap((alert) =>
      new AlertCheck({ alert, ids, sightings, rows: inOrder(rows.get(alert.id) ?? []), gaps, history }).all(),
    ),
    ...project.alertConfigurations.flatMap((configuration) =>
      checkConfiguration(configuration, project.id, sightings, configurations.get(configuration.id) ?? []),
    ),
    ...gaps.flatMap((gap) => gapIsTrue(gap, project, sightings)),
    ...runsOf(world, tracked)
      .filter(({ result }) => result?.outcome === 'complete')
      .filter((run) => !sightings.some(({ stride }) => stride.run === run))
      .map(({ tick }) => `the run of ${time(tick)} is complete, and has committed nothing`),
  ];
}

/** Rows of one commit stand in the order of what happened; in the lake they can be in objects of several days. */
function inOrder(rows: readonly CommittedRow[]): CommittedRow[] {
  return [...rows].sort(
    (a, b) => a.sequence - b.sequence || Number(a.values['revision']) - Number(b.values['revision']),
  );
}

/** A gap is of alerts that Atlas had dropped by then. */
function gapIsTrue(gap: CommittedRow, project: Project, sightings: readonly Sighting[]): string[] {
  const seen = sightings.find(({ sequence }) => sequence === gap.sequence);
  const ids = String(gap.values['reason']).match(/[0-9a-f]{24}/g) ?? [];
  const isTrue =
    seen !== undefined &&
    ids.length > 0 &&
    instantOf(gap.values['gap_end']) >= gap.ts &&
    ids.every((id) =>
      project.alerts.some((alert) => alert.id === id && (alert.dropped ?? Infinity) <= seen.to),
    );
  return isTrue ? [] : [`a gap of what Atlas still knew: ${JSON.stringify(gap.values)}`];
}
