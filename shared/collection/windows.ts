import { ceilTo, floorTo, HOUR, MINUTE } from './durations.ts';
import type { Ladder, Level } from './granularity.ts';

/** How far a target's series have been read. All instants in ms since the epoch. */
export interface SeriesMarks {
  /** Everything before it has been read and committed. */
  mark: number;
  /** Fine points before it are not written: coarser ones stand in their place, or nobody asked for them. */
  fineFrom: number;
  /** Everything before it has been read once more shortly before Atlas drops it. */
  recheckedTo: number;
  /** Everything from there to the mark is to be read once more as soon as possible: a series has shown up. */
  rereadFrom: number | null;
}

/** A half-open span of time that one request covers. */
export interface Window {
  level: Level;
  from: number;
  to: number;
  /**
   * `forward` moves the mark; `recheck` is the last chance of what Atlas will soon drop; `reread` brings what a
   * series that has just shown up had before.
   */
  purpose: 'forward' | 'recheck' | 'reread';
}

/** When the run takes place. */
export interface RunTime {
  /** When it was due. */
  tick: number;
  /** When it started. */
  now: number;
}

/** A span that no granularity holds any more. */
export interface LostSpan {
  purpose: 'lost';
  from: number;
  to: number;
}

/** Atlas drops points by its own clock and in its own time: what is so near to its end is not relied on. */
const RETENTION_MARGIN = 10 * MINUTE;

/** For a level whose granules are long, the granule before the first wanted one must still be there as well. */
const RETENTION_MARGIN_BESIDE_GRANULE = 5 * MINUTE;

/** How far behind the mark a run reads again: a series that lags, or a null that is filled, shows there. */
const REACH = HOUR;

/** A request spans six hours, or 72 granules where that is longer; the answer is about as large either way. */
const SPAN = 6 * HOUR;
const SPAN_GRANULES = 72;

/**
 * A recheck is due that long before its predecessor's end is dropped: two ticks of 20 minutes, so that one
 * missed run leaves no hole between two rechecks.
 */
const RECHECK_SLACK = 40 * MINUTE;

/** Rechecks of different targets are spread over so much time. */
export const RECHECK_PERIOD = 6 * HOUR;

/**
 * No window of the finest level ends after the settled time. The tick counts, so that the same tick always reads the same
 * span. What finer levels have dropped was settled long ago: coarse windows end where the finer level begins.
 */
export function settledTime(
  { tick, now }: RunTime,
  settle: number,
  { granule }: { granule: number },
): number {
  return floorTo(Math.min(tick, now) - settle, granule);
}

/** What to read next for a target, or null when all is read that is settled. */
export function nextWindow(
  marks: SeriesMarks,
  { fine, coarser }: Ladder,
  settle: number,
  time: RunTime,
  /** The hour behind the mark has been read in this run. */
  reached: boolean,
): Window | LostSpan | null {
  const again = rereadWindow(marks, fine, time.now) ?? recheckWindow(marks, fine, time.now);
  if (again) return again;
  const settled = settledTime(time, settle, fine);
  if (marks.mark >= settled) return null;
  if (marks.mark >= limit(fine, time.now)) return fineWindow(marks, fine, settled, time.now, reached);
  let finer = fine;
  for (const level of coarser) {
    const holdsMark = floorTo(marks.mark, level.granule) >= limit(level, time.now);
    if (holdsMark) return coarseWindow(marks, level, finer, time.now);
    finer = level;
  }
  return { purpose: 'lost', from: marks.mark, to: ceilTo(limit(finer, time.now), finer.granule) };
}

function fineWindow(marks: SeriesMarks, fine: Level, settled: number, now: number, reached: boolean): Window {
  const from = reached
    ? floorTo(marks.mark, fine.granule)
    : Math.max(floorTo(marks.mark - REACH, fine.granule), marks.fineFrom, oldest(fine, now));
  return { level: fine, from, to: Math.min(settled, from + span(fine)), purpose: 'forward' };
}

/** Coarse granules up to the first that starts where the finer level can be relied on. */
function coarseWindow(marks: SeriesMarks, level: Level, finer: Level, now: number): Window {
  const border = ceilTo(limit(finer, now), level.granule);
  const from = floorTo(marks.mark, level.granule);
  return { level, from, to: Math.min(border, from + span(level)), purpose: 'forward' };
}

function rereadWindow(marks: SeriesMarks, fine: Level, now: number): Window | null {
  if (marks.rereadFrom === null) return null;
  const from = Math.max(marks.rereadFrom, marks.fineFrom, oldest(fine, now));
  const to = Math.min(from + span(fine), floorTo(marks.mark, fine.granule));
  return from < to ? { level: fine, from, to, purpose: 'reread' } : null;
}

function recheckWindow(marks: SeriesMarks, fine: Level, now: number): Window | null {
  const start = oldest(fine, now);
  const from = Math.max(start, marks.fineFrom);
  const to = Math.min(start + span(fine), floorTo(marks.mark, fine.granule));
  const due = marks.recheckedTo < start + RECHECK_SLACK && marks.recheckedTo < to;
  return due && from < to ? { level: fine, from, to, purpose: 'recheck' } : null;
}

/** The marks of a target whose fine points from `fineFrom` on are about to be read for the first time. */
export function marksFrom(fineFrom: number, fine: Level, stagger: number, now: number): SeriesMarks {
  // What is read for the first time when it is about to be dropped needs no recheck; younger points get theirs in
  // time, up to a period early.
  const unchecked = oldest(fine, now) + RECHECK_SLACK + stagger;
  const recheckedTo = fineFrom <= unchecked ? unchecked : fineFrom - stagger;
  return { mark: fineFrom, fineFrom, recheckedTo, rereadFrom: null };
}

/** The marks once a window has been read. */
export function marksAfter(
  marks: SeriesMarks,
  window: Window,
  fine: Level,
  stagger: number,
  now: number,
): SeriesMarks {
  if (window.purpose === 'recheck') return { ...marks, recheckedTo: window.to };
  if (window.purpose === 'reread') {
    return { ...marks, rereadFrom: window.to < floorTo(marks.mark, fine.granule) ? window.to : null };
  }
  const mark = Math.max(marks.mark, window.to);
  return window.level === fine ? { ...marks, mark } : marksFrom(mark, fine, stagger, now);
}

/** The first instant from which a level can be relied on to hold everything. */
function limit(level: Level, now: number): number {
  const margin = Math.max(RETENTION_MARGIN, level.granule + RETENTION_MARGIN_BESIDE_GRANULE);
  return now - level.retention + margin;
}

function oldest(level: Level, now: number): number {
  return ceilTo(now - level.retention, level.granule);
}

/** Less one granule, which every request starts earlier than the first wanted point. */
function span(level: Level): number {
  return Math.max(SPAN, SPAN_GRANULES * level.granule) - level.granule;
}
