import { utcDay } from '../lake/format.ts';

/** Whether Atlas has anything of a dataset's kind for a target. Part of the target's state. */
export interface Availability {
  /** The UTC day on which Atlas last said that it has nothing of this kind; null if it has data. */
  unavailableOn: string | null;
}

/** Availability of a target whose windows are read in order, also those from before it became available. */
export interface PastAvailability extends Availability {
  /**
   * The UTC day on which Atlas last had nothing at all, or on which the target was read first, while windows before that day
   * are read; otherwise null.
   */
  nothingBefore: string | null;
}

/**
 * Returns whether to skip the target because Atlas was asked today already. A cluster that is scaled up is
 * noticed within a day, and one that is not causes one warning a day.
 */
export function isUnavailableToday({ unavailableOn }: Availability, now: number): boolean {
  return unavailableOn === utcDay(now);
}

/** Returns the availability after Atlas said, at an instant (ms), that it has nothing of this kind. */
export function unavailableSince(instant: number): Availability {
  return { unavailableOn: utcDay(instant) };
}

/**
 * Returns whether Atlas answered after the start of a window that it has nothing at all for the target. Then nothing of
 * that window is lost.
 */
export function precedesRefusal(state: PastAvailability, start: number): boolean {
  const day = refusalOf(state);
  return day !== null && utcDay(start) < day;
}

/** Returns the availability after a window was read. */
export function availableAfter(state: PastAvailability, start: number): PastAvailability {
  return { unavailableOn: null, nothingBefore: precedesRefusal(state, start) ? refusalOf(state) : null };
}

/** Returns the start of a UTC day that a state names, ms. */
export function dayStart(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function refusalOf({ unavailableOn, nothingBefore }: PastAvailability): string | null {
  return unavailableOn ?? nothingBefore;
}
