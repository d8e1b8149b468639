import pLimit from 'p-limit';
import type { AtlasSession, Span } from '../../shared/atlas/api.ts';
import { type AtlasApiError, AtlasResponseError } from '../../shared/atlas/errors.ts';
import {
  isFromAtlas,
  isNotFound,
  isRoleRefusal,
  isUnavailable,
  refusalCode,
} from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import type { TargetName } from '../../shared/engine/dataset.ts';
import { processId, projectOf } from '../../shared/ids.ts';
import { splitNamespace } from './namespace.ts';

/** What Atlas says of one hour of one process. */
export type HourAnswer =
  | {
      kind: 'answered';
      /** Null where a name cannot be read: it keeps its place. */
      ranked: readonly (string | null)[];
      points: readonly NamespacePoint[];
      lost: readonly string[];
    }
  /** Atlas does not give the hour any more. */
  | { kind: 'lost'; reason: string }
  /** Clusters of this tier or version have no ranked namespaces, or the role does not suffice for them. */
  | { kind: 'unavailable'; reason: string };

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

/** Measurements that are read at a time, in each of the steps that run at a time. */
const CONCURRENT_MEASUREMENTS = 3;

/**
 * Of an hour that began longer ago, an empty answer or a refusal is taken to mean that Atlas has dropped it: how long it
 * keeps ranked namespaces is not documented, and 48 hours are the shortest retention of any metric that is. Of a younger hour
 * an empty answer says that nothing happened, or not yet, and a refusal is a failure.
 */
const LEAST_RETENTION = 48 * HOUR;

/** Codes of a 404 that say that the process, not the collection, is not there (seen). */
const NO_PROCESS = new Set(['GROUP_NOT_FOUND', 'HOST_NOT_FOUND', 'HOSTNAME_AND_PORT_NOT_FOUND']);

/**
 * Reads the ranked namespaces of an hour, and the measurements of its first `measured` namespaces in the same hour. What Atlas
 * does not hold of these is named in `lost`.
 *
 * @param clock the time, ms
 * @throws any error of `shared/atlas/errors.ts` that is not one of the answers above: then the hour is to be read anew
 *   as a whole
 */
export async function readHour(
  atlas: AtlasSession,
  target: TargetName,
  hour: number,
  measured: number,
  clock: () => number,
): Promise<HourAnswer> {
  let answer: (string | null)[];
  try {
    answer = await atlas.rankedNamespaces(projectOf(target.subject), processId(target.source), spanOf(hour));
  } catch (error) {
    if (isUnavailable(error) || isRoleRefusal(error))
      return { kind: 'unavailable', reason: refusalCode(error) };
    if (isBadRequest(error) && isOld(hour, clock()))
      return { kind: 'lost', reason: `no longer given: ${refusalCode(error)}` };
    throw error;
  }
  if (answer.length === 0 && isOld(hour, clock()))
    return { kind: 'lost', reason: 'no names, after so long that Atlas may have dropped them' };
  // One that is named twice has the first of its places.
  const seen = new Set<string>();
  const ranked = answer.filter((name) => name === null || (!seen.has(name) && seen.add(name)));
  const first = ranked.slice(0, measured).filter((name) => name !== null);
  const measurements = await measureAll(atlas, target, first, hour, clock);
  return {
    kind: 'answered',
    ranked,
    points: measurements.flatMap(({ points }) => points),
    lost: measurements.flatMap(({ lost }) => lost),
  };
}

async function measureAll(
  atlas: AtlasSession,
  target: TargetName,
  namespaces: readonly string[],
  hour: number,
  clock: () => number,
): Promise<{ points: NamespacePoint[]; lost: string[] }[]> {
  const limit = pLimit(CONCURRENT_MEASUREMENTS);
  let failed = false;
  const readings = namespaces.map((namespace) =>
    limit(async () => {
      if (failed) return { points: [], lost: [] };
      try {
        return { points: await measure(atlas, target, namespace, hour), lost: [] };
      } catch (error) {
        const reason = whyLost(error, isOld(hour, clock()));
        if (reason !== null) return { points: [], lost: [`${namespace} (${reason})`] };
        failed = true;
        throw error;
      }
    }),
  );
  // No request is under way any more when an error of one ends the step.
  await Promise.allSettled(readings);
  return Promise.all(readings);
}

/** The values of a namespace in the hour: points outside of it are ignored, nulls are no values. */
async function measure(
  atlas: AtlasSession,
  { subject, source }: TargetName,
  namespace: string,
  hour: number,
): Promise<NamespacePoint[]> {
  const { database, collection } = splitNamespace(namespace);
  const span = spanOf(hour);
  const answer = await atlas.namespaceMeasurements(
    projectOf(subject),
    processId(source),
    database,
    collection,
    span,
  );
  const points = new Map<string, NamespacePoint>();
  for (const { name, units, dataPoints } of answer.series) {
    for (const { timestamp, value } of dataPoints) {
      const key = `${timestamp} ${name}`;
      if (value === null || timestamp < span.start || timestamp >= span.end || points.has(key)) continue;
      points.set(key, {
        namespace,
        measurement: name,
        units,
        granularity: answer.granularity,
        timestamp,
        value,
      });
    }
  }
  return [...points.values()];
}

function spanOf(hour: number): Span {
  return { start: hour, end: hour + HOUR };
}

/** Why the measurements of a namespace can never be read; null when a later run may. */
function whyLost(error: unknown, ofOldHour: boolean): string | null {
  if (error instanceof AtlasResponseError && error.problem === 'name') return 'no name that can be asked for';
  const isDropped = isNotFound(error) && !NO_PROCESS.has(error.errorCode ?? '');
  if (isDropped || isUnavailable(error) || (ofOldHour && isBadRequest(error))) return refusalCode(error);
  return null;
}

/** Whether Atlas itself refuses the request. */
function isBadRequest(error: unknown): error is AtlasApiError {
  return isFromAtlas(error) && error.status === 400;
}

function isOld(hour: number, now: number): boolean {
  return now - hour > LEAST_RETENTION;
}
