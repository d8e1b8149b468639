import { ceilTo, DAY, HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import { emptyLookback } from '../../shared/histories/lookback.ts';
import type { HistoryState } from '../../shared/histories/state.ts';
import type { Window } from '../../shared/histories/windows.ts';

/** Atlas keeps access logs for 7 days (its documentation of the access history). */
export const RETENTION = 7 * DAY;

/** The maximum span of a request: a day of a quiet host. */
export const MAX_SPAN = DAY;

const DROPPED = 'older than Atlas keeps';

/** What Atlas drops before the first read of a host is not a gap, unless the first run is delayed by more than this. */
const BEGINNING = HOUR;

/**
 * The maximum difference between Atlas's clock and ours. Requests include data this close to the end of the retention,
 * which Atlas may already have dropped.
 */
const CLOCKS_APART = 2 * MINUTE;

/** Returns the instant from which Atlas still has everything, if its clock agrees with ours. */
export function heldFrom(now: number): number {
  return ceilTo(now - RETENTION, SECOND);
}

/** Returns the instant before which Atlas has nothing, whatever its clock shows. */
export function goneBefore(now: number): number {
  return heldFrom(now) - CLOCKS_APART;
}

/** Returns the state after Atlas dropped everything before an instant, and the gap that results. */
export function dropped(state: HistoryState, held: number): { state: HistoryState; gaps: Gap[] } {
  if (held <= state.watermark) return { state, gaps: [] };
  const isGap = state.begun || held - state.watermark > BEGINNING;
  return {
    state: { ...state, watermark: held, begun: isGap, lookback: emptyLookback(held), reading: null },
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
  now: number,
): Gap | null {
  const from = Math.max(window.from, watermark);
  const held = heldFrom(now);
  const shown = oldest === null ? window.to : oldest < held ? oldest + SECOND : oldest;
  const to = Math.min(window.to, held + CLOCKS_APART, shown);
  return to > from ? { from, to, reason: DROPPED } : null;
}
