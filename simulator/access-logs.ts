import { HostLog, type SettledEntry } from './access-logs/entries.ts';
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
  const log = new HostLog(organisation, host);
  const entries: SettledEntry[] = [];
  for (let second = from; second < to; second += SECOND) entries.push(...log.entries(second));
  return entries;
}

/** What a client sees of a host: at most so many of the newest entries of a span, newest first. */
export function shownEntries(
  organisation: Organisation,
  host: Process,
  span: { start: number; end: number; most: number },
  now: number,
): SettledEntry[] {
  const log = new HostLog(organisation, host);
  const { start, end, most } = span;
  const { accessLogBounds: bounds, accessLogPrecision: precision } = organisation;
  const isAsked = (entry: SettledEntry) => {
    const time = precision === 'second' ? entry.second : entry.time;
    return (
      (bounds.startsWith('[') ? time >= start : time > start) &&
      (bounds.endsWith(']') ? time <= end : time < end)
    );
  };
  const shown: SettledEntry[] = [];
  // Nothing is older, and nothing is younger, than what can be read now.
  const first = Math.floor(Math.max(start, now - 8 * 86_400_000) / SECOND) * SECOND;
  const last = Math.floor(Math.min(end, now) / SECOND) * SECOND;
  for (let second = last; second >= first && shown.length < most; second -= SECOND) {
    if (log.count(second) === 0) continue;
    const readable = log
      .entries(second)
      .filter((entry) => isAsked(entry) && entry.visibleFrom <= now && now <= entry.visibleUntil);
    shown.push(...readable.sort((a, b) => b.rank - a.rank));
  }
  return shown.slice(0, most);
}
