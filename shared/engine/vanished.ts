import type { AtlasSession, ResourceRead } from '../atlas/api.ts';
import { type AtlasApiError, AtlasError } from '../atlas/errors.ts';
import { isRefused } from '../atlas/refusal.ts';
import type { Subject } from '../ids.ts';
import { utcDay } from '../lake/format.ts';
import type { Cursor } from './cursor.ts';
import { listingIsDue, observe } from './listing.ts';
import type { RunTime } from './run-clock.ts';
import type { RunStatistics } from './run-statistics.ts';

/** A project or organisation that Atlas neither lists nor shows. */
export interface Vanished {
  /** The first tick that missed it in the list, ms. */
  since: number;
  /** The error that Atlas returns for a request for it. */
  refusal: AtlasApiError;
}

/**
 * With one of these statuses and an error code of its own, Atlas says that a resource does not exist for this
 * client.
 */
const GONE = new Set([401, 403, 404]);

const ROOTS = {
  project: { collection: 'groups', set: 'Projects', scope: 'project' },
  organisation: { collection: 'orgs', set: 'Organizations', scope: 'organisation' },
} as const;

/**
 * Checks whether Atlas still shows a project or organisation that its list lacks. Returns null if it does,
 * because it is then collected as before, or if Atlas gives no clear answer.
 */
export async function findVanished(
  atlas: AtlasSession,
  { kind, id }: Subject,
  since: number,
): Promise<Vanished | null> {
  const { collection, set, scope } = ROOTS[kind];
  const read: ResourceRead = {
    resourceType: kind,
    segments: [collection, id],
    query: [],
    version: '2023-01-01',
    response: 'document',
    id: 'id',
    limit: { set, scope, id },
  };
  try {
    await atlas.listResources(read);
    return null;
  } catch (error) {
    if (isGone(error)) return { since, refusal: error };
    // If the next request meets the same error, that one reports it.
    if (error instanceof AtlasError) return null;
    throw error;
  }
}

function isGone(error: unknown): error is AtlasApiError {
  return isRefused(error) && GONE.has(error.status) && error.errorCode !== null;
}

/** Returns a session that rejects every operation with the subject's refusal and sends nothing more. */
export function refusingSession(atlas: AtlasSession, refusal: AtlasApiError): AtlasSession {
  const refuse = () => Promise.reject(refusal);
  return {
    listProjects: refuse,
    listClusters: refuse,
    listProcesses: refuse,
    listDatabases: refuse,
    listDisks: refuse,
    databaseMeasurements: refuse,
    diskMeasurements: refuse,
    processMeasurements: refuse,
    searchMeasurements: refuse,
    listAlertConfigurations: refuse,
    getAlertConfiguration: refuse,
    listAlertsOfConfiguration: refuse,
    listAlertsSince: refuse,
    getAlert: refuse,
    accessHistory: refuse,
    slowQueries: refuse,
    listEvents: refuse,
    readLog: refuse,
    rankedNamespaces: refuse,
    namespaceMeasurements: refuse,
    suggestedIndexes: refuse,
    removableIndexes: refuse,
    schemaAdvice: refuse,
    queryShapes: refuse,
    costUsage: refuse,
    listResources: refuse,
    learnTime: () => atlas.learnTime(),
    now: () => atlas.now(),
    latest: () => atlas.latest(),
    traffic: atlas.traffic,
    remarks: atlas.remarks,
  };
}

/**
 * Marks all targets of a subject as missing since its own absence was seen. This counts as an hourly listing
 * without targets, but which targets were listed stays as it was, in case the subject comes back. Returns the
 * cursors that must be stored whole.
 */
export function missAll<State>(
  cursors: ReadonlyMap<string, Cursor<State>>,
  { since }: Vanished,
  now: number,
  dormant?: (state: State) => State,
): Cursor<State>[] {
  return [...cursors.values()].filter((cursor) => {
    const isDue = listingIsDue(cursor, now);
    if (isDue) cursor.listingAt = now;
    for (const target of cursor.targets.values()) target.missingSince ??= Math.min(since, now);
    return observe(cursor, 'unlisted', now, dormant) || isDue;
  });
}

/** Notes once a day that the list lacks the subject, because each note makes a row of `collection_runs`. */
export function noteAbsence(
  { remarks }: AtlasSession,
  { last_run: last }: RunStatistics,
  since: number,
  { now }: RunTime,
  vanished: Vanished | null,
): void {
  if (last !== null && utcDay(last.started_at) === utcDay(now) && last.started_at >= since) return;
  const state = vanished ? 'cannot be read any more' : 'can still be read';
  remarks.notes.add(`not in Atlas's list since ${new Date(since).toISOString()}, and ${state}`);
}
