import { ceilTo, DAY, floorTo, HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { countsBySecond, emptyOverlap } from './overlap.ts';
import type { HistoryState } from './state.ts';

/** Atlas holds access logs for 7 days (its documentation of the access history). */
export const RETENTION = 7 * DAY;

/** No request covers more: a day of a quiet host. */
const LONGEST_SPAN = DAY;

const DROPPED = 'older than Atlas keeps';

/** What Atlas drops before a host is read for the first time is no gap, unless the first run is held up for longer. */
const BEGINNING = HOUR;

/**
 * So far Atlas's clock may be from ours, at the most. What is as near as that to the end of the retention is asked for,
 * and may have been dropped.
 */
const CLOCKS_APART = 2 * MINUTE;

/** A half-open span of entries' times, whole seconds in ms. */
export interface Window {
  from: number;
  to: number;
}

/** No window ends after it. The tick counts, so that the same tick always reads the same span. */
export function settledTime({ tick, now }: RunTime, settle: number): number {
  return floorTo(Math.min(tick, now) - settle, SECOND);
}

/** From where on Atlas still has everything, if its clock shows the same as ours. */
export function heldFrom(now: number): number {
  return ceilTo(now - RETENTION, SECOND);
}

/** Before it Atlas has nothing any more, whatever its clock shows. */
export function goneBefore(now: number): number {
  return heldFrom(now) - CLOCKS_APART;
}

/** Where the run reads on: at first behind the watermark, as far as the hashes reach. */
export function position({ reading, watermark, overlap }: HistoryState, run: number, reach: number): number {
  return reading?.run === run ? reading.from : Math.max(overlap.from, floorTo(watermark - reach, SECOND));
}

/** How much of what an answer can hold is asked for where the number of entries is known: some more may have come late. */
const LATE_SHARE = 0.1;

/**
 * Where the next request ends, if that has settled: a span further on, or where it reads again what is known, as far as
 * that fits into one answer, however short the span. So a run that is allowed few requests gets beyond the overlap, and
 * passes a host that logs more than those can read.
 *
 * @param most how many entries an answer has at most
 */
export function windowEnd(
  { watermark, span, overlap, reading }: HistoryState,
  from: number,
  most: number,
): number {
  const end = from + span;
  if (reading?.wasFull || from >= watermark) return end;
  const counts = countsBySecond(overlap);
  // Before and behind the overlap nothing is known; it may be much like what is next to it.
  const known = (second: number) =>
    counts[Math.min(Math.max((second - overlap.from) / SECOND, 0), counts.length - 1)] ?? 0;
  // A request reaches a second further on both sides.
  let asked = known(from - SECOND) + known(from);
  let last = from;
  for (; last < watermark; last += SECOND) {
    asked += known(last + SECOND);
    if (asked > most * (1 - LATE_SHARE)) break;
  }
  return Math.max(end, last);
}

/**
 * Where a request begins: a second before its window, since it is not known whether its start is part of it. Where the
 * overlap was cut, the second before it has more entries than are remembered, and each run would have them fill its
 * answers again until a window is short enough: there a millisecond must do, as it does for a second by itself.
 *
 * @param reach how long the overlap should be, ms
 */
export function requestStart(
  { begun, watermark, overlap }: HistoryState,
  from: number,
  reach: number,
): number {
  const isCut = begun && from === overlap.from && from > floorTo(watermark - reach, SECOND);
  return from - (isCut ? 1 : SECOND);
}

/** Whether a run has something to read: a settled second that it has not come to, or that no run has. */
export function isBehind(state: HistoryState, run: number, settled: number): boolean {
  return (state.reading?.run === run ? state.reading.from : state.watermark) < settled;
}

/** The state once everything before an instant is known to have been dropped, and the gap that this makes. */
export function dropped(state: HistoryState, held: number): { state: HistoryState; gaps: Gap[] } {
  if (held <= state.watermark) return { state, gaps: [] };
  const isGap = state.begun || held - state.watermark > BEGINNING;
  return {
    state: { ...state, watermark: held, begun: isGap, overlap: emptyOverlap(held), reading: null },
    gaps: isGap ? [{ from: state.watermark, to: held, reason: DROPPED }] : [],
  };
}

/**
 * What Atlas may have dropped of a window before it answered, while the request waited or by its own clock: up to the
 * oldest entry that it gave, since it drops them in order. That entry's second counts as lost as well where by our
 * clock it may have been dropped in part.
 *
 * @param oldest its second, ms; null when the window had none
 * @param now when the answer was there
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

/** Gaps in order, those of one reason that touch as one. */
export function joined(gaps: readonly Gap[]): Gap[] {
  const all: Gap[] = [];
  for (const gap of gaps) {
    const last = all.at(-1);
    if (last?.to === gap.from && last.reason === gap.reason) all[all.length - 1] = { ...last, to: gap.to };
    else all.push(gap);
  }
  return all;
}

/** How much to ask for after an answer that had all of its window: more, where it was far from the bound. */
export function grownSpan(span: number, { from, to }: Window, entries: number, most: number): number {
  const isSmall = to - from >= span && entries <= most / 4;
  return isSmall ? Math.min(2 * span, LONGEST_SPAN) : span;
}

/** How much to ask for after one that had not. */
export function halvedSpan({ from, to }: Window): number {
  return Math.max(SECOND, floorTo((to - from) / 2, SECOND));
}
