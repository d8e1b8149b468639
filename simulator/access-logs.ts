import { hostLog, RETENTION, type SettledEntry } from './access-logs/entries.ts';
import type { Organisation, Process } from './organisation/types.ts';
import { SECOND } from './time.ts';

export type { SettledEntry } from './access-logs/entries.ts';

/**
 * Every entry that Atlas ever came to hold for a host, with a time in [from, to), both whole seconds in ms since 1970.
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

/** What a client asks for: a span of time in ms since 1970, how many entries at most, and which. */
export interface HistoryQuery {
  start: number;
  end: number;
  most: number;
  isWanted(entry: SettledEntry): boolean;
}

/** What a client sees of a host: at most so many of the newest entries that it wants, newest first. */
export function shownEntries(
  organisation: Organisation,
  host: Process,
  { start, end, most, isWanted }: HistoryQuery,
  now: number,
): SettledEntry[] {
  const log = hostLog(organisation, host);
  const { accessLogBounds: bounds, accessLogPrecision: precision } = organisation;
  const isAsked = (entry: SettledEntry) => {
    const time = precision === 'second' ? entry.second : entry.time;
    return (
      (bounds.startsWith('[') ? time >= start : time > start) &&
      (bounds.endsWith(']') ? time <= end : time < end)
    );
  };
  const shown: SettledEntry[] = [];
  // What is older or younger cannot be read now.
  const first = Math.floor(Math.max(start, now - RETENTION) / SECOND) * SECOND;
  const last = Math.floor(Math.min(end, now) / SECOND) * SECOND;
  for (let second = last; second >= first && shown.length < most; second -= SECOND) {
    if (log.count(second) === 0) continue;
    const readable = log
      .entries(second)
      .filter((entry) => entry.visibleFrom <= now && now <= entry.visibleUntil)
      .filter((entry) => isAsked(entry) && isWanted(entry));
    shown.push(...readable.sort((a, b) => b.rank - a.rank));
  }
  return shown.slice(0, most);
}
