import type { Header } from '../cursors/header.ts';
import { type LastRun, lastRunOf } from './run-statistics.ts';

/** What a message says about the run that it asks for. */
export interface RequestedRun {
  /** ms since the epoch */
  tick: number;
  continuation: number;
  unlistedSince: number | null;
}

/**
 * Returns whether a message can be answered without a run, because the last run began after the message's tick: it read
 * everything that this tick was to read. When messages wait longer than the time between two ticks, this makes one run
 * answer all that wait.
 *
 * In doubt it returns false, and the run finds out itself.
 *
 * @param now the caller's clock, ms. A run that began later had a wrong clock, and proves nothing. The caller's clock may
 *   be wrong as well, because no answer of Atlas has corrected it yet.
 * @param longestWait how long a message can wait for its run, ms. A run that began later after its tick had a wrong clock.
 */
export function isRedundant(
  requested: RequestedRun,
  header: Header | undefined,
  { now, longestWait }: { now: number; longestWait: number },
): boolean {
  // A dead run left something to recover, or a run is active.
  if (!header || header.holder !== null || header.pending !== null || header.isBehind) return false;
  // Such a run also stores that Atlas no longer lists the subject.
  if (requested.unlistedSince !== null) return false;
  const last = lastRunOf(header.statistics);
  if (last === null || last.started_at > now || last.started_at - last.tick > longestWait) return false;
  return covers(last, requested);
}

/** Returns whether a run did, or left to its own continuation, all that another one is requested for. */
export function covers(
  last: Pick<LastRun, 'tick' | 'is_first' | 'started_at' | 'outcome'>,
  { tick, continuation }: Pick<RequestedRun, 'tick' | 'continuation'>,
): boolean {
  // A later run of the same tick reads only what the first one left. The rest of its data may be older than its start.
  if (!last.is_first || last.outcome === 'failed' || tick > last.started_at) return false;
  // A run may have died before it sent its continuation. Then its own message comes again, and must run.
  if (tick === last.tick) return false;
  // The rest of a run that is not complete belongs to its continuation.
  return last.outcome === 'complete' || continuation === 0;
}
