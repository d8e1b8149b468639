import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Organisation, Process } from '../../simulator/organisation.ts';
import { namespaceValues, type ProcessName, rankedHours } from '../../simulator/ranked-namespaces.ts';
import { identity } from './expected-rows.ts';
import { lakeTime } from './times.ts';

/** Computes the rows of ranked namespaces that the lake must have, from the simulator's arithmetic and the ticks alone. */

export const RANKS = 'ranked_namespaces';
export const NAMESPACE_MEASUREMENTS = 'namespace_measurements';

const SETTLE = 20 * MINUTE;
const BACKFILL = 6 * HOUR;
const PATIENCE = 3 * HOUR;

/** Returns the ticks that request an hour while its answer is empty. */
export function ticksReading(hour: number, ticks: readonly number[]): number[] {
  const settled = ticks.filter((tick) => tick >= hour + HOUR + SETTLE);
  const first = settled[0] ?? Infinity;
  const last = settled.findIndex((tick) => tick >= first + PATIENCE);
  return last < 0 ? settled : settled.slice(0, last + 1);
}

/** Returns the hours of a process with names in the lake, and the tick that read them. */
export function hoursOf(
  organisation: Organisation,
  process: ProcessName,
  ticks: readonly number[],
): { start: number; namespaces: string[]; readAt: number }[] {
  const [first = 0, last = 0] = [ticks[0], ticks.at(-1)];
  return rankedHours(organisation, process, Math.floor((first - BACKFILL) / HOUR) * HOUR, last).flatMap(
    ({ start, namespaces, visibleFrom }) => {
      const readAt = ticksReading(start, ticks).find((tick) => tick >= visibleFrom);
      return readAt === undefined || namespaces.length === 0 ? [] : [{ start, namespaces, readAt }];
    },
  );
}

/** Returns the mongods of an organisation, with their projects. */
export function mongodsOf(organisation: Organisation): { project: string; process: Process }[] {
  return organisation.projects.flatMap(({ id, processes }) =>
    processes
      .filter(({ typeName }) => typeName !== 'SHARD_MONGOS' && typeName !== 'NO_DATA')
      .map((process) => ({ project: id, process })),
  );
}

/** Returns the rows of both tables after these ticks. Only the first `measured` namespaces have measurements. */
export function expectedNamespaces(
  organisation: Organisation,
  ticks: readonly number[],
  { measured = 10, isHeld = () => true }: ExpectedOptions = {},
): { ranks: string[]; measurements: string[] } {
  const ranks: string[] = [];
  const measurements: string[] = [];
  for (const { project, process } of mongodsOf(organisation)) {
    const name = { projectId: project, processId: process.id };
    for (const { start, namespaces, readAt } of hoursOf(organisation, name, ticks)) {
      ranks.push(...expectedRanks(project, process, start, namespaces));
      const granularity = start >= readAt - 48 * HOUR ? 'PT10M' : 'PT1H';
      for (const namespace of namespaces.slice(0, measured).filter((its) => isHeld(its, readAt)))
        measurements.push(
          ...expectedMeasurements(organisation, { project, process }, namespace, start, granularity),
        );
    }
  }
  return { ranks, measurements };
}

/** Returns the rows of an hour's ranking. */
export function expectedRanks(
  project: string,
  process: Process,
  hour: number,
  namespaces: readonly string[],
): string[] {
  const span = { ts: lakeTime(hour), window_end: lakeTime(hour + HOUR) };
  return namespaces.map((namespace, index) =>
    identity({ ...processValues(project, process), ...span, rank: index + 1, ...namespaceNames(namespace) }),
  );
}

const INTERVALS = { PT10M: 10 * MINUTE, PT1H: HOUR };

/** Returns the rows of a namespace's measurements in an hour. */
export function expectedMeasurements(
  organisation: Organisation,
  { project, process }: { project: string; process: Process },
  namespace: string,
  hour: number,
  granularity: keyof typeof INTERVALS,
): string[] {
  const name = { projectId: project, processId: process.id };
  const points = namespaceValues(organisation, name, namespace, INTERVALS[granularity], hour, hour + HOUR);
  return points.map(({ measurement, units, timestamp: at, value }) =>
    identity({
      ...processValues(project, process),
      ...namespaceNames(namespace),
      measurement,
      units,
      granularity,
      ts: lakeTime(at),
      value,
    }),
  );
}

function processValues(project: string, process: Process) {
  return {
    project_id: project,
    cluster_name: process.clusterName,
    replica_set_name: process.replicaSetName,
    process_id: process.id,
    process_type: process.typeName,
  };
}

function namespaceNames(namespace: string) {
  const [, database_name, collection_name] = /^([^.]*)\.(.*)$/s.exec(namespace) ?? [];
  return { namespace, database_name, collection_name };
}

interface ExpectedOptions {
  measured?: number;
  /** Returns whether Atlas still has a namespace's measurements when they are read. */
  isHeld?(namespace: string, readAt: number): boolean;
}
