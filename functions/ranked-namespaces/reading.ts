import pLimit from 'p-limit';
import type { AtlasSession, Span } from '../../shared/atlas/api.ts';
import { AtlasApiError, AtlasResponseError } from '../../shared/atlas/errors.ts';
import {
  isFromAtlas,
  isMissingPart,
  isRoleRefusal,
  isUnavailable,
  refusalCode,
} from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import type { PartFailure } from '../../shared/engine/dataset.ts';
import { classifyError } from '../../shared/engine/errors.ts';
import type { ProcessId, ProjectId } from '../../shared/ids.ts';
import { splitNamespace } from './namespace.ts';

/** What Atlas returns for one hour of one process. */
export type HourResult =
  | {
      kind: 'read';
      /** Null for a name that cannot be read: it keeps its place. */
      ranked: readonly (string | null)[];
      points: readonly NamespacePoint[];
      lost: readonly string[];
      /** Some of `lost` failed for too long. */
      isGivenUp: boolean;
    }
  /** The measurements of a namespace failed, so the hour must be read again. */
  | { kind: 'failed'; failure: PartFailure }
  /** Atlas no longer returns the hour. */
  | { kind: 'lost'; reason: string }
  /** The cluster's tier or version has no ranked namespaces, or the role is not sufficient. */
  | { kind: 'unavailable'; reason: string };

interface ProjectProcess {
  project: ProjectId;
  process: ProcessId;
}

/** One value of a namespace. */
export interface NamespacePoint {
  namespace: string;
  measurement: string;
  units: string | null;
  granularity: string | null;
  /** ms since the epoch */
  timestamp: number;
  value: number;
}

/** Concurrent measurement requests of each step; several steps can run at a time. */
const CONCURRENT_MEASUREMENTS = 3;

/**
 * For hours that began longer ago than this, an empty response or a refusal means that Atlas has dropped the hour. Its
 * retention of ranked namespaces is not documented; 48 hours is the shortest documented retention of any metric. For
 * younger hours an empty response means that nothing happened (yet), and a refusal is a failure.
 */
const LEAST_RETENTION = 48 * HOUR;

/** How long measurements of an hour fail before they are lost, if Atlas returns those of another namespace. */
const MAX_FAILING = 6 * HOUR;

/**
 * The same if Atlas returns none at all. It is shorter than the least retention, so that the rankings of later hours are
 * read before Atlas deletes them.
 */
const MAX_FAILING_ALONE = 36 * HOUR;

/**
 * Reads the ranked namespaces of an hour, and the measurements of its first `measured` namespaces in the same hour.
 * `lost` names those that Atlas does not have, or for which it has failed for too long.
 *
 * @param failingFor how long measurements of the hour have failed, in ms
 * @param clock the time, ms
 * @throws any error of the ranking that is not one of the responses above, and errors that stop the run; then the whole
 *   hour must be read again
 */
export async function readHour(
  atlas: AtlasSession,
  where: ProjectProcess,
  hour: number,
  measured: number,
  failingFor: number,
  clock: () => number,
): Promise<HourResult> {
  let response: (string | null)[];
  try {
    response = await atlas.rankedNamespaces(where.project, where.process, spanOf(hour));
  } catch (error) {
    if (isUnavailable(error) || isRoleRefusal(error))
      return { kind: 'unavailable', reason: refusalCode(error) };
    if (isBadRequest(error) && isOld(hour, clock()))
      return { kind: 'lost', reason: `no longer given: ${refusalCode(error)}` };
    throw error;
  }
  if (response.length === 0 && isOld(hour, clock()))
    return { kind: 'lost', reason: 'no names, and Atlas may have deleted them' };
  // A duplicate keeps its first place.
  const seen = new Set<string>();
  const ranked = response.filter((name) => name === null || (!seen.has(name) && seen.add(name)));
  const first = ranked.slice(0, measured).filter((name) => name !== null);
  const isOverdue = failingFor >= MAX_FAILING;
  let measurements = await measureAll(atlas, where, first, hour, clock, isOverdue);
  let failures = measurements.flatMap((measurement) => measurement.failures);
  if (isOverdue && failures.length > 0) {
    // A failure that passes is not the one that has lasted.
    const names = failures.map(({ part }) => part);
    measurements = [...measurements, ...(await measureAll(atlas, where, names, hour, clock, true))];
    failures = measurements.slice(first.length).flatMap((measurement) => measurement.failures);
  }
  const [failure] = failures;
  const isGivenUp =
    failure !== undefined &&
    isOverdue &&
    (measurements.some(({ isReturned }) => isReturned) || failingFor >= MAX_FAILING_ALONE);
  if (failure && !isGivenUp) return { kind: 'failed', failure };
  return {
    kind: 'read',
    ranked,
    points: measurements.flatMap(({ points }) => points),
    lost: [
      ...measurements.flatMap(({ lost }) => lost),
      ...failures.map(({ part, error }) => `${part} (${reasonOf(error)})`),
    ],
    isGivenUp,
  };
}

/** The response to the request for the measurements of a namespace. */
interface Measurement {
  /** Whether Atlas returned them. */
  isReturned: boolean;
  points: readonly NamespacePoint[];
  lost: readonly string[];
  failures: readonly PartFailure[];
}

const NOTHING: Measurement = { isReturned: false, points: [], lost: [], failures: [] };

/** @param readsAll whether to go on after a failure */
async function measureAll(
  atlas: AtlasSession,
  where: ProjectProcess,
  namespaces: readonly string[],
  hour: number,
  clock: () => number,
  readsAll: boolean,
): Promise<Measurement[]> {
  const limit = pLimit(CONCURRENT_MEASUREMENTS);
  let isOver = false;
  const readings = namespaces.map((namespace) =>
    limit(async (): Promise<Measurement> => {
      if (isOver) return NOTHING;
      try {
        const { points, unreadable } = await measure(atlas, where, namespace, hour);
        const lost = unreadable > 0 ? [`${namespace} (${unreadable} series or points cannot be read)`] : [];
        return { ...NOTHING, isReturned: true, points, lost };
      } catch (error) {
        const reason = whyLost(error, isOld(hour, clock()));
        if (reason !== null) return { ...NOTHING, lost: [`${namespace} (${reason})`] };
        const failure = failureOf(error);
        isOver ||= !readsAll || failure === null;
        if (failure === null) throw error;
        return { ...NOTHING, failures: [{ part: namespace, error: failure }] };
      }
    }),
  );
  // When the error of one request ends the step, no other request may be in flight.
  await Promise.allSettled(readings);
  return Promise.all(readings);
}

/** Returns the readable values of a namespace in the hour. Ignores points outside the hour and nulls. */
async function measure(
  atlas: AtlasSession,
  { project, process }: ProjectProcess,
  namespace: string,
  hour: number,
): Promise<{ points: NamespacePoint[]; unreadable: number }> {
  const { database, collection } = splitNamespace(namespace);
  const span = spanOf(hour);
  const response = await atlas.namespaceMeasurements(project, process, database, collection, span);
  const points = new Map<string, NamespacePoint>();
  for (const { name, units, dataPoints } of response.series) {
    for (const { timestamp, value } of dataPoints) {
      const key = `${timestamp} ${name}`;
      if (value === null || timestamp < span.start || timestamp >= span.end || points.has(key)) continue;
      points.set(key, {
        namespace,
        measurement: name,
        units,
        granularity: response.granularity,
        timestamp,
        value,
      });
    }
  }
  return { points: [...points.values()], unreadable: response.unreadable };
}

function spanOf(hour: number): Span {
  return { start: hour, end: hour + HOUR };
}

/** Returns why the measurements of a namespace can never be read; null if a later run may read them. */
function whyLost(error: unknown, ofOldHour: boolean): string | null {
  if (error instanceof AtlasResponseError && error.problem === 'name')
    return 'a name that cannot be requested';
  if (isMissingPart(error) || isUnavailable(error) || (ofOldHour && isBadRequest(error)))
    return refusalCode(error);
  return null;
}

/** Returns the error of a failure; null if the error stops the run. */
function failureOf(error: unknown): PartFailure['error'] | null {
  const classified = classifyError(error);
  return classified.kind === 'failure' ? classified.error : null;
}

/** Returns why the measurements of a namespace failed, for people. Contains nothing that may include names. */
function reasonOf(error: PartFailure['error']): string {
  return error instanceof AtlasApiError ? refusalCode(error) : 'no usable answer';
}

/** Returns whether Atlas itself rejects the request. */
function isBadRequest(error: unknown): error is AtlasApiError {
  return isFromAtlas(error) && error.status === 400;
}

function isOld(hour: number, now: number): boolean {
  return now - hour > LEAST_RETENTION;
}
