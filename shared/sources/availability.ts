import { utcDay } from '../lake/format.ts';

/** Whether Atlas has anything of a dataset's kind for a target. Part of the target's state. */
export interface Availability {
  /** The UTC day on which Atlas last said that it has nothing of this kind; null if it has data. */
  unavailableOn: string | null;
}

/**
 * Returns whether to skip the target because Atlas was asked today already. A cluster that is scaled up is
 * noticed within a day, and one that is not causes one warning a day.
 */
export function isUnavailableToday({ unavailableOn }: Availability, now: number): boolean {
  return unavailableOn === utcDay(now);
}
