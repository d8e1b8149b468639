import type { Organisation } from './organisation/types.ts';
import { activitiesOf, type NamespaceActivity, releaseOf } from './ranked-namespaces/activity.ts';
import { NAMESPACE_METRICS } from './ranked-namespaces/metrics.ts';
import { pointsIn, rankedIn } from './ranked-namespaces/visible.ts';
import { HOUR } from './time.ts';

/** Computes ranked namespaces for tests: the final values of an hour, and when they become visible. */

export interface ProcessName {
  projectId: string;
  processId: string;
}

/** The ranked namespaces of one hour. Times in milliseconds since 1970. */
export interface RankedHour {
  start: number;
  /** The hottest first. Empty if nothing happened, or if Atlas never shows it. */
  namespaces: string[];
  /** When the API first shows it completely. */
  visibleFrom: number;
}

/**
 * Returns the ranked namespaces of a process's whole hours that start in [from, to), in order.
 *
 * @throws RangeError when the organisation has no such process
 */
export function rankedHours(
  organisation: Organisation,
  process: ProcessName,
  from: number,
  to: number,
): RankedHour[] {
  const activities = activitiesOfProcess(organisation, process);
  const hours: RankedHour[] = [];
  for (let start = Math.ceil(from / HOUR) * HOUR; start < to; start += HOUR) {
    const [first] = activities;
    const release = first === undefined ? null : releaseOf(organisation, first, start);
    const namespaces = rankedIn(organisation, activities, { start, end: start + HOUR }, Infinity);
    hours.push({ start, namespaces, visibleFrom: Math.max(start + HOUR, release ?? -Infinity) });
  }
  return hours;
}

/** A value of a namespace's measurement. */
export interface NamespaceValue {
  measurement: string;
  units: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  value: number;
}

/**
 * Returns the values of a namespace stamped in [from, to), for intervals of the given milliseconds.
 *
 * @throws RangeError when the organisation has no such process
 */
export function namespaceValues(
  organisation: Organisation,
  process: ProcessName,
  namespace: string,
  interval: number,
  from: number,
  to: number,
): NamespaceValue[] {
  const activities = activitiesOfProcess(organisation, process).filter(
    (activity) => activity.namespace === namespace,
  );
  return activities.flatMap((activity) =>
    NAMESPACE_METRICS.flatMap((metric) =>
      pointsIn(organisation, activity, metric, { start: from, end: to - 1 }, interval, Infinity).flatMap(
        ({ timestamp, value }) =>
          value === null ? [] : [{ measurement: metric.name, units: metric.units, timestamp, value }],
      ),
    ),
  );
}

function activitiesOfProcess(
  organisation: Organisation,
  { projectId, processId }: ProcessName,
): NamespaceActivity[] {
  const process = organisation.projects
    .find(({ id }) => id === projectId)
    ?.processes.find(({ id }) => id === processId);
  if (process === undefined) throw new RangeError(`no process ${processId} in project ${projectId}`);
  return activitiesOf(organisation, projectId, process);
}
