import { ceilTo, DAY, floorTo, HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { countsBySecond, emptyLookback } from './lookback.ts';
import type { HistoryState } from './state.ts';

/** Atlas keeps access logs for 7 days (its documentation of the access history). */
export const RETENTION = 7 * DAY;

/** The maximum span of a request: a day of a quiet host. */
const MAX_SPAN = DAY;

const DROPPED = 'older than Atlas keeps';

/** What Atlas drops before the first read of a host is not a gap, unless the first run is delayed by more than this. */
const BEGINNING = HOUR;

/**
 * The maximum difference between Atlas's clock and ours. Requests include data this close to the end of the retention,
 * which Atlas may already have dropped.
 */
const CLOCKS_APART = 2 * MINUTE;

/** A half-open span of entries' times, whole seconds in ms. */
export interface Window {
  from: number;
  to: number;
}

/** Returns the latest possible end of a window. The tick counts, so that the same tick always reads the same span. */
export function settledTime({ tick, now }: RunTime, settle: number): number {
  return floorTo(Math.min(tick, now) - settle, SECOND);
}

/** Returns the instant from which Atlas still has everything, if its clock agrees with ours. */
export function heldFrom(now: number): number {
  return ceilTo(now - RETENTION, SECOND);
}

/** Returns the instant before which Atlas has nothing, whatever its clock shows. */
export function goneBefore(now: number): number {
  return heldFrom(now) - CLOCKS_APART;
}

/** Returns where the run continues. It starts before the watermark, as far back as the hashes go. */
export function position({ reading, watermark, lookback }: HistoryState, lookbackMs: number): number {
  return reading ? reading.from : Math.max(lookback.from, floorTo(watermark - lookbackMs, SECOND));
}

/**
 * The share of a response to leave free where the number of entries is known, because late entries may have been added.
 */
const LATE_SHARE = 0.1;

/**
 * Returns where the next request ends, if that has settled. This is one span further. Where it reads known entries
 * again, it is as far as they fit into one response, however short the span. So a run with few requests gets past the
 * lookback, and past a host that logs more than those requests can read.
 *
 * @param maxEntries the maximum number of entries in a response
 */
export function windowEnd(
  { watermark, span, lookback, reading }: HistoryState,
  from: number,
  maxEntries: number,
): number {
  const end = from + span;
  if (reading?.wasFull || from >= watermark) return end;
  const counts = countsBySecond(lookback);
  // Outside the lookback the counts are unknown. The nearest known second is the best estimate.
  const known = (second: number) =>
    counts[Math.min(Math.max((second - lookback.from) / SECOND, 0), counts.length - 1)] ?? 0;
  // A request covers one more second on both sides.
  let requested = known(from - SECOND) + known(from);
  let last = from;
  for (; last < watermark; last += SECOND) {
    requested += known(last + SECOND);
    if (requested > maxEntries * (1 - LATE_SHARE)) break;
  }
  return Math.max(end, last);
}

/**
 * Returns where a request begins: one second before its window, because Atlas does not document whether the start is
 * included. Where the lookback was cut, the second before it has more entries than are kept. They would fill every
 * response of every run until a window is short enough, so one millisecond must do there, as for a single second.
 *
 * @param lookbackMs how long the lookback should be, ms
 */
export function requestStart(
  { begun, watermark, lookback }: HistoryState,
  from: number,
  lookbackMs: number,
): number {
  const isCut = begun && from === lookback.from && from > floorTo(watermark - lookbackMs, SECOND);
  return from - (isCut ? 1 : SECOND);
}

/** Returns whether a run has something to read: a settled second that this run, or any run, has not read. */
export function isBehind({ reading, watermark }: HistoryState, settled: number): boolean {
  return (reading ? reading.from : watermark) < settled;
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

/** Joins gaps with the same reason that touch; expects them in order. */
export function joined(gaps: readonly Gap[]): Gap[] {
  const all: Gap[] = [];
  for (const gap of gaps) {
    const last = all.at(-1);
    if (last?.to === gap.from && last.reason === gap.reason) all[all.length - 1] = { ...last, to: gap.to };
    else all.push(gap);
  }
  return all;
}

/** Returns the span to request after a complete response: a longer one if the response was far from full. */
export function grownSpan(span: number, { from, to }: Window, entries: number, maxEntries: number): number {
  const isSmall = to - from >= span && entries <= maxEntries / 4;
  return isSmall ? Math.min(2 * span, MAX_SPAN) : span;
}

/** Returns the span to request after an incomplete response. */
export function halvedSpan({ from, to }: Window): number {
  return Math.max(SECOND, floorTo((to - from) / 2, SECOND));
}
