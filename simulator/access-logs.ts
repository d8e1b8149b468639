import { hostLog, RETENTION, type SettledEntry } from './access-logs/entries.ts';
import type { Organisation, Process } from './organisation/types.ts';
import { SECOND } from './time.ts';

export type { SettledEntry } from './access-logs/entries.ts';

/**
 * Returns every entry that Atlas eventually has for a host, with a time in [from, to). Both are whole seconds in ms
 * since 1970.
 *
 * @throws RangeError when the project has no such host
 */
export function settledEntries(
  organisation: Organisation,
  projectId: string,
  hostname: string,
  from: number,
  to: number,
): SettledEntry[] {
  const project = organisation.projects.find(({ id }) => id === projectId);
  const host = project?.processes.find((process) => process.hostname === hostname);
  if (host === undefined) throw new RangeError(`no such host: ${hostname}`);
  const log = hostLog(organisation, host);
  const entries: SettledEntry[] = [];
  for (let second = from; second < to; second += SECOND) entries.push(...log.entries(second));
  return entries;
}

/** A client's query: a span of time in ms since 1970, the maximum number of entries, and a filter. */
export interface HistoryQuery {
  start: number;
  end: number;
  most: number;
  isWanted(entry: SettledEntry): boolean;
}

/** Returns what a client sees of a host: the newest entries that match, newest first. */
export function shownEntries(
  organisation: Organisation,
  host: Process,
  { start, end, most, isWanted }: HistoryQuery,
  now: number,
): SettledEntry[] {
  const log = hostLog(organisation, host);
  const { accessLogBounds: bounds, accessLogPrecision: precision } = organisation;
  const isInSpan = (entry: SettledEntry) => {
    const time = precision === 'second' ? entry.second : entry.time;
    return (
      (bounds.startsWith('[') ? time >= start : time > start) &&
      (bounds.endsWith(']') ? time <= end : time < end)
    );
  };
  const shown: SettledEntry[] = [];
  // Older and younger entries are not readable now.
  const first = Math.floor(Math.max(start, now - RETENTION) / SECOND) * SECOND;
  const last = Math.floor(Math.min(end, now) / SECOND) * SECOND;
  for (let second = last; second >= first && shown.length < most; second -= SECOND) {
    if (log.count(second) === 0) continue;
    const readable = log
      .entries(second)
      .filter((entry) => entry.visibleFrom <= now && now <= entry.visibleUntil)
      .filter((entry) => isInSpan(entry) && isWanted(entry));
    shown.push(...readable.sort((a, b) => b.rank - a.rank));
  }
  return shown.slice(0, most);
}
