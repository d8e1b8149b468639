import { floorTo, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { countsBySecond } from './lookback.ts';
import type { HistoryState } from './state.ts';

/** A half-open span of entries' times, whole seconds in ms. */
export interface Window {
  from: number;
  to: number;
}

/** Returns the latest possible end of a window. The tick counts, so that the same tick always reads the same span. */
export function settledTime({ tick, now }: RunTime, settle: number): number {
  return floorTo(Math.min(tick, now) - settle, SECOND);
}

/** Returns where the run continues. It starts before the watermark, as far back as the hashes go. */
export function position({ reading, watermark, lookback }: HistoryState, lookbackMs: number): number {
  return reading ? reading.from : Math.max(lookback.from, floorTo(watermark - lookbackMs, SECOND));
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

/** Returns whether a run has something to read: a settled second that this run, or any run, has not read. */
export function isBehind({ reading, watermark }: HistoryState, settled: number): boolean {
  return (reading ? reading.from : watermark) < settled;
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

/**
 * Returns the span to request after a complete response: a longer one if the response was far from full.
 *
 * @param maxEntries the maximum number of entries in a response
 * @param maxSpan ms
 */
export function grownSpan(
  span: number,
  { from, to }: Window,
  entries: number,
  { maxEntries, maxSpan }: { maxEntries: number; maxSpan: number },
): number {
  const isSmall = to - from >= span && entries <= maxEntries / 4;
  return isSmall ? Math.min(2 * span, maxSpan) : span;
}

/** Returns the span to request after an incomplete response. */
export function halvedSpan({ from, to }: Window): number {
  return Math.max(SECOND, floorTo((to - from) / 2, SECOND));
}
