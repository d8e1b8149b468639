import type { Lifetime } from '../../../../simulator/organisation/types.ts';
import type { Organisation, Process, Project } from '../../../../simulator/organisation.ts';
import { type History, minuteOf } from '../history.ts';
import { departedOf } from '../organisation.ts';

/** Returns a row with its process's cluster and type, which Atlas does not report for a process without data. */
export function withProcessType(
  process: Process,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (values['process_type'] !== 'NO_DATA') return { ...values };
  return {
    ...values,
    cluster_name: process.clusterName,
    replica_set_name: process.replicaSetName,
    process_type: process.typeName,
  };
}

/** Returns whether Atlas does not show a project at an instant. */
export function isGone(
  { departures }: History,
  organisation: Organisation,
  project: Project,
  at: number,
): boolean {
  return departures.some(
    (departure) =>
      departure.kind === 'project-not-found' &&
      departedOf(organisation, departure) === project &&
      at >= minuteOf(departure.from) &&
      (departure.to === null || at < minuteOf(departure.to)),
  );
}

/** Returns a function that tells whether Atlas lists a cluster at an instant. */
export function createClusterListingCheck(
  history: History,
  organisation: Organisation,
  project: Project,
  { listedFrom = Number.NEGATIVE_INFINITY, listedUntil = Number.POSITIVE_INFINITY }: Lifetime,
): (at: number) => boolean {
  return (at) => !isGone(history, organisation, project, at) && at >= listedFrom && at < listedUntil;
}

/**
 * Returns a function that tells whether Atlas lists a process, and the given database or disk of it, at an instant.
 */
export function createListingCheck(
  history: History,
  organisation: Organisation,
  processId: string,
  parts: readonly Lifetime[] = [],
): (at: number) => boolean {
  const processes = organisation.projects.flatMap((project) => project.processes);
  const place = processes.findIndex(({ id }) => id === processId);
  const process = processes[place];
  const project = organisation.projects.find(({ processes: its }) => its.some(({ id }) => id === processId));
  return (at) =>
    !(project && isGone(history, organisation, project, at)) &&
    [process, ...parts].every(
      (its) =>
        at >= (its?.listedFrom ?? Number.NEGATIVE_INFINITY) &&
        at < (its?.listedUntil ?? Number.POSITIVE_INFINITY),
    ) &&
    !history.absences.some(
      ({ kind, node, from, to }) =>
        kind !== 'host-not-found' &&
        node % processes.length === place &&
        at >= minuteOf(from) &&
        at < minuteOf(to),
    );
}
