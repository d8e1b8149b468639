import type { AccessHistory, AccessLogEntry } from '../../shared/atlas/api.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import { recordIds, shortHash, unreadableId } from './identity.ts';
import { knownEntries, lookbackBehind } from './lookback.ts';
import type { HistoryState } from './state.ts';
import { mergedSpans, spanOfUnreadable } from './unreadable.ts';
import type { Window } from './windows.ts';

/** An entry that is not in the lake yet. */
export interface NewEntry {
  entry: AccessLogEntry;
  recordId: string;
}

export interface MergedEntries {
  entries: NewEntry[];
  state: HistoryState;
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
export function mergeEntries(
  state: HistoryState,
  hostname: string,
  response: AccessHistory,
  window: Window,
  { whole, lookbackMs }: { whole: boolean; lookbackMs: number },
): MergedEntries {
  const recordIdOf = recordIds(hostname);
  const known = knownEntries(state.lookback);
  const entries: NewEntry[] = [];
  let oldest: number | null = null;
  let oldestNew = state.watermark;
  for (const entry of response.entries) {
    const second = floorTo(entry.timestamp, SECOND);
    if (second < window.from || second >= window.to) continue;
    oldest = Math.min(oldest ?? second, second);
    const id = recordIdOf(entry);
    const short = shortHash(id);
    const seen = known.get(short);
    known.set(short, Math.max(seen ?? second, second));
    if (seen !== undefined) continue;
    entries.push({ entry, recordId: id });
    oldestNew = Math.min(oldestNew, second);
  }
  const lost: Window[] = [];
  for (const entry of response.unreadable) {
    const span = spanOfUnreadable(entry, response.entries, window);
    if (span === null) continue;
    const short = shortHash(unreadableId(hostname, entry));
    if (!known.has(short)) lost.push(span);
    known.set(short, Math.min(Math.max(span.to, window.from + SECOND), window.to) - SECOND);
  }
  const watermark = Math.max(state.watermark, window.to);
  const completeFrom = whole ? state.lookback.from : window.to;
  const wanted = floorTo(watermark - lookbackMs, SECOND);
  const { lookback, shrunkBy } = lookbackBehind(watermark, known, Math.max(completeFrom, wanted));
  return {
    entries,
    state: { ...state, watermark, begun: true, lookback },
    oldest,
    gaps: mergedSpans(lost).map((span) => ({ ...span, reason: 'log entries that cannot be read' })),
    lateBy: oldestNew < state.watermark ? state.watermark - oldestNew : null,
    shrunkBy: whole ? shrunkBy : lookback.from - Math.max(state.lookback.from, wanted),
  };
}
