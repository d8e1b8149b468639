import { floorTo, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { countsBySecond } from './lookback.ts';
import type { HistoryState, Pass } from './state.ts';

/** A half-open span of entries' times, whole seconds in ms. */
export interface Window {
  from: number;
  to: number;
}

/** Returns the latest possible end of a window. The tick counts, so that the same tick always reads the same span. */
export function settledTime({ tick, now }: RunTime, settle: number): number {
  return floorTo(Math.min(tick, now) - settle, SECOND);
}

/** A target that is being read. */
export type InPass<State extends HistoryState> = State & { pass: Pass };

/**
 * Returns the state in the pass that a run continues, or in a new one. A new pass begins before the watermark, as far back
 * as the hashes go.
 *
 * @param lookbackMs how long the lookback should be, ms
 */
export function inPass<State extends HistoryState>(
  state: State,
  settled: number,
  lookbackMs: number,
): InPass<State> {
  const open = openPass(state, settled);
  if (open && open.from < open.until) return { ...state, pass: open };
  const from = Math.max(state.lookback.from, floorTo(state.watermark - lookbackMs, SECOND));
  return { ...state, pass: { from, until: settled, wasFull: false } };
}

/**
 * Returns the pass of a state, finished or not; null when it has none that a run may continue. A pass that ends after the
 * settled time began by a fast clock or with a shorter settle time, so it would not look back for too long.
 */
function openPass({ pass, lookback }: HistoryState, settled: number): Pass | null {
  return pass && pass.until <= settled && pass.from >= lookback.from ? pass : null;
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
 * Returns where the next request ends: one span further, or at the end of the pass. Where it reads known entries
 * again, it is as far as they fit into one response, however short the span. So a run with few requests gets past the
 * lookback, and past a host that logs more than those requests can read.
 *
 * @param maxEntries the maximum number of entries in a response
 */
export function windowEnd(
  { watermark, span, lookback, pass }: InPass<HistoryState>,
  maxEntries: number,
): number {
  const { from } = pass;
  const end = from + span;
  if (pass.wasFull || from >= watermark) return Math.min(end, pass.until);
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
  return Math.min(Math.max(end, last), pass.until);
}

/** Returns whether a run has something to read: a settled second that its pass, or any pass, has not read. */
export function isBehind(state: HistoryState, settled: number): boolean {
  return (openPass(state, settled)?.from ?? state.watermark) < settled;
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

/** Returns the state after an incomplete response for a window: half of it is requested next. */
export function halved<State extends HistoryState>(
  state: InPass<State>,
  { from, to }: Window,
): InPass<State> {
  const span = Math.max(SECOND, floorTo((to - from) / 2, SECOND));
  return { ...state, span, pass: { ...state.pass, wasFull: true } };
}

/** Returns the pass of a state after the whole of a window. */
export function continued({ pass }: InPass<HistoryState>, { to }: Window): Pass {
  return { ...pass, from: to, wasFull: false };
}
