import { ceilTo, HOUR, MINUTE, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import { emptyLookback } from './lookback.ts';
import type { HistoryState } from './state.ts';
import type { Window } from './windows.ts';

const DROPPED = 'older than Atlas keeps';

/** What Atlas drops before the first read of a host is not a gap, unless the first run is delayed by more than this. */
const BEGINNING = HOUR;

/**
 * The maximum difference between Atlas's clock and ours. Requests include data this close to the end of the retention,
 * which Atlas may already have dropped.
 */
const CLOCKS_APART = 2 * MINUTE;

/**
 * Returns the instant from which Atlas still has everything, if its clock agrees with ours.
 *
 * @param retention how long Atlas keeps an entry by its documentation, ms
 */
export function heldFrom(now: number, retention: number): number {
  return ceilTo(now - retention, SECOND);
}

/** Returns the instant before which Atlas has nothing, whatever its clock shows. */
export function goneBefore(now: number, retention: number): number {
  return heldFrom(now, retention) - CLOCKS_APART;
}

/** Returns the state after Atlas dropped everything before an instant, and the gap that results. */
export function dropped<State extends HistoryState>(
  state: State,
  held: number,
): { state: State; gaps: Gap[] } {
  if (held <= state.watermark) return { state, gaps: [] };
  const isGap = state.begun || held - state.watermark > BEGINNING;
  return {
    state: { ...state, watermark: held, begun: isGap, lookback: emptyLookback(held), pass: null },
    gaps: isGap ? [{ from: state.watermark, to: held, reason: DROPPED }] : [],
  };
}

/**
 * Returns what Atlas may have dropped of a window before it answered, while the request waited or by its own clock.
 * That is everything up to the oldest entry returned, because Atlas drops entries in order. The second of that entry
 * counts as lost too if, by our clock, part of it may have been dropped.
 *
 * @param oldest its second, ms; null when the window had none
 * @param now when the response arrived
 */
export function lostMeanwhile(
  window: Window,
  watermark: number,
  oldest: number | null,
  { now, retention }: { now: number; retention: number },
): Gap | null {
  const from = Math.max(window.from, watermark);
  const held = heldFrom(now, retention);
  const shown = oldest === null ? window.to : oldest < held ? oldest + SECOND : oldest;
  const to = Math.min(window.to, held + CLOCKS_APART, shown);
  return to > from ? { from, to, reason: DROPPED } : null;
}
