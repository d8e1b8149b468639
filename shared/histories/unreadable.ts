import type { UnreadableEntry } from '../atlas/api.ts';
import { floorTo, SECOND } from '../durations.ts';
import type { Window } from './windows.ts';

/**
 * Returns where an entry without a time must lie: between its neighbours, or between one of them and the end of the
 * request, which covers one more second than the window on both sides. Returns null when that is outside the window.
 *
 * @param times the times of the readable entries of the same response, in Atlas's order
 */
export function spanOfUnreadable(
  { neighbours }: UnreadableEntry,
  times: readonly number[],
  window: Window,
): Window | null {
  const isOldestFirst = (times[0] ?? 0) < (times.at(-1) ?? 0);
  const [newer, older] = isOldestFirst ? neighbours.toReversed() : neighbours;
  const requested = { from: window.from - SECOND, to: window.to + SECOND };
  const first = floorTo(older ?? requested.from, SECOND);
  const last = floorTo(newer ?? requested.to - SECOND, SECOND);
  const from = Math.max(requested.from, Math.min(first, last));
  const to = Math.min(requested.to, Math.max(first, last) + SECOND);
  return from < window.to && to > window.from ? { from, to } : null;
}

/** Sorts spans and merges those that overlap or touch. */
export function mergedSpans(spans: readonly Window[]): Window[] {
  const merged: Window[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
