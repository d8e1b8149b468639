import type { UnreadableEntry } from '../atlas/api.ts';
import { floorTo, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import { knownEntries, lookbackBehind, shortHash } from './lookback.ts';
import type { HistoryState } from './state.ts';
import { spanOfUnreadable } from './unreadable.ts';
import type { Window } from './windows.ts';

/** What one or more responses show of a span. */
export interface History<Entry> {
  entries: readonly Entry[];
  /** Entries without a readable time or identity. */
  unreadable: readonly UnreadableEntry[];
}

/** An entry that is not in the lake yet. */
export interface NewEntry<Entry> {
  entry: Entry;
  recordId: string;
}

/** How to tell the entries of a target apart. The ids are hexadecimal digits of hashes. */
export interface Identity<Entry> {
  /** Returns the time of an entry, ms since the epoch. */
  timeOf(entry: Entry): number;
  idOf(entry: Entry): string;
  /**
   * Returns what identifies an unreadable entry. An entry of which one id is known is in a gap already.
   * @param span where the entry must lie
   */
  unreadableIdsOf(entry: UnreadableEntry, span: Window): string[];
  /** Returns the gaps of unreadable entries, given where each must lie. */
  gapsOf(spans: readonly Window[]): Window[];
  /** Why an unreadable entry is a gap. */
  unreadableReason: string;
}

export interface MergedEntries<Entry, State> {
  entries: NewEntry<Entry>[];
  state: State;
  /** The second (ms) of the oldest entry of the response that lies in the window; null when there is none. */
  oldest: number | null;
  /**
   * How far (ms) the oldest new entry lies before the watermark, which means that it came late; null when none does.
   */
  lateBy: number | null;
  /** Where the entries lie that cannot be read and that no earlier response had. */
  gaps: Gap[];
  /** By how many ms the stored lookback is shorter than it should be. */
  shrunkBy: number;
}

/**
 * Merges a response into the state: finds its new entries and updates what is known. Ignores entries outside the
 * window; the order does not matter.
 *
 * The hashes cover every entry in the lake within the lookback, so that none is written twice: the entries of this
 * response, written or not, and earlier ones where the window is shorter than the lookback. Unreadable entries are
 * tracked the same way, so that each is in one gap.
 *
 * @param whole the response has the whole window; otherwise nothing in it can be compared with later responses
 * @param lookbackMs the length of the lookback, ms
 */
export function mergeEntries<Entry, State extends HistoryState>(
  state: State,
  response: History<Entry>,
  window: Window,
  { timeOf, idOf, unreadableIdsOf, gapsOf, unreadableReason }: Identity<Entry>,
  { whole, lookbackMs }: { whole: boolean; lookbackMs: number },
): MergedEntries<Entry, State> {
  const known = knownEntries(state.lookback);
  const entries: NewEntry<Entry>[] = [];
  let oldest: number | null = null;
  let oldestNew = state.watermark;
  for (const entry of response.entries) {
    const second = floorTo(timeOf(entry), SECOND);
    if (second < window.from || second >= window.to) continue;
    oldest = Math.min(oldest ?? second, second);
    const id = idOf(entry);
    const short = shortHash(id);
    const seen = known.get(short);
    known.set(short, Math.max(seen ?? second, second));
    if (seen !== undefined) continue;
    entries.push({ entry, recordId: id });
    oldestNew = Math.min(oldestNew, second);
  }
  const lost: Window[] = [];
  const times = response.unreadable.length === 0 ? [] : response.entries.map(timeOf);
  for (const entry of response.unreadable) {
    const span = spanOfUnreadable(entry, times, window);
    if (span === null) continue;
    const shorts = unreadableIdsOf(entry, span).map(shortHash);
    if (!shorts.some((short) => known.has(short))) lost.push(span);
    const second = Math.min(Math.max(span.to, window.from + SECOND), window.to) - SECOND;
    for (const short of shorts) known.set(short, second);
  }
  const watermark = Math.max(state.watermark, window.to);
  const completeFrom = whole ? state.lookback.from : window.to;
  const wanted = floorTo(watermark - lookbackMs, SECOND);
  const { lookback, shrunkBy } = lookbackBehind(watermark, known, Math.max(completeFrom, wanted));
  return {
    entries,
    state: { ...state, watermark, begun: true, lookback },
    oldest,
    gaps: gapsOf(lost).map((span) => ({ ...span, reason: unreadableReason })),
    lateBy: oldestNew < state.watermark ? state.watermark - oldestNew : null,
    shrunkBy: whole ? shrunkBy : lookback.from - Math.max(state.lookback.from, wanted),
  };
}
