import { DAY, floorTo, MINUTE, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { Window } from './windows.ts';

/**
 * Of some entries Atlas does not document how long it keeps them, so the collector learns it: an entry that Atlas shows
 * proves that Atlas keeps everything of that age, because it drops entries in order.
 */
export interface ShownAge {
  /** The greatest age at which Atlas has shown an entry, ms. */
  shownAge: number;
}

/** What is known of a list that is requested by its last known entry. */
export interface Shown extends ShownAge {
  /** The second (ms) of the newest event read so far; null if there is none, or Atlas has dropped it. */
  lastEvent: number | null;
}

/** Atlas is trusted to keep events and slow queries for at least this long. Anything documented or observed is longer. */
export const KEPT = DAY;

/** The maximum difference between the clocks by which two ages were measured. */
const CLOCKS_APART = 2 * MINUTE;

const DROPPED = 'Atlas no longer shows entries of this age';

/**
 * Returns the greatest proven age, given the times (ms) of entries that a response at `now` shows. An entry from before
 * the request's start proves nothing, because its time is wrong.
 */
export function provenAge(
  shownAge: number,
  times: readonly number[],
  { start, now }: { start: number; now: number },
): number {
  return times.filter((time) => time >= start).reduce((age, time) => Math.max(age, now - time), shownAge);
}

/** Returns whether Atlas certainly still had everything from an instant on when it answered. */
export function isKept(instant: number, shownAge: number, now: number): boolean {
  return now - instant + CLOCKS_APART <= Math.max(shownAge, KEPT);
}

/**
 * Returns what Atlas may have dropped of a window that nothing proves complete: everything up to the oldest entry of
 * the response. Null if that entry is the first thing that was not read.
 *
 * @param unread where the unread part of the window starts
 * @param oldest the second (ms) of the oldest entry in the window; null when the window had none
 */
export function droppedOf(window: Window, unread: number, oldest: number | null): Gap | null {
  const to = oldest ?? window.to;
  return to > unread ? { from: unread, to, reason: DROPPED } : null;
}

/** Returns the second of the newest event, given the times (ms) of events in the window. */
export function newestOf(lastEvent: number | null, times: readonly number[]): number | null {
  return times.reduce<number | null>(
    (newest, time) => Math.max(newest ?? Number.NEGATIVE_INFINITY, floorTo(time, SECOND)),
    lastEvent,
  );
}
