import type { AccessHistory, AccessLogEntry } from '../../shared/atlas/api.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import { recordIds, shortHash, unreadableId } from './identity.ts';
import { knownEntries, overlapBehind } from './overlap.ts';
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
  /** The second (ms) of the oldest of the answer's entries in the window; null without any. */
  oldest: number | null;
  /** By how many ms the oldest of the new entries lies behind the watermark: it had not been there; null without such. */
  lateBy: number | null;
  /** Where entries are that cannot be read, and that no answer before had. */
  gaps: Gap[];
  /** By how many ms the overlap that is kept is shorter than it should be. */
  shrunkBy: number;
}

/**
 * Takes an answer in: which of its entries are new, and what is known afterwards. Entries outside the window are
 * ignored; their order does not matter. Whatever the lake has in the time of the overlap is in its hashes, so none of
 * it is written again: entries of this answer, written or not, and those known from before where the window is shorter
 * than the overlap. Entries that cannot be read are known in the same way, so that each is in one gap.
 *
 * @param whole the answer has all of the window; otherwise nothing of it can be compared with later answers
 * @param reach the length of the overlap, ms
 */
export function mergeEntries(
  state: HistoryState,
  hostname: string,
  answer: AccessHistory,
  window: Window,
  { whole, reach }: { whole: boolean; reach: number },
): MergedEntries {
  const recordIdOf = recordIds(hostname);
  const known = knownEntries(state.overlap);
  const entries: NewEntry[] = [];
  let oldest: number | null = null;
  let oldestNew = state.watermark;
  for (const entry of answer.entries) {
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
  for (const entry of answer.unreadable) {
    const span = spanOfUnreadable(entry, answer.entries, window);
    if (span === null) continue;
    const short = shortHash(unreadableId(hostname, entry));
    if (!known.has(short)) lost.push(span);
    known.set(short, Math.min(Math.max(span.to, window.from + SECOND), window.to) - SECOND);
  }
  const watermark = Math.max(state.watermark, window.to);
  const completeFrom = whole ? state.overlap.from : window.to;
  const wanted = floorTo(watermark - reach, SECOND);
  const { overlap, shrunkBy } = overlapBehind(watermark, known, Math.max(completeFrom, wanted));
  return {
    entries,
    state: { ...state, watermark, begun: true, overlap },
    oldest,
    gaps: mergedSpans(lost).map((span) => ({ ...span, reason: 'log entries that cannot be read' })),
    lateBy: oldestNew < state.watermark ? state.watermark - oldestNew : null,
    shrunkBy: whole ? shrunkBy : overlap.from - Math.max(state.overlap.from, wanted),
  };
}
