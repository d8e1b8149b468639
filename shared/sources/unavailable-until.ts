import { utcDay } from '../lake/format.ts';

/** Whether Atlas has anything of a dataset's kind for a target. Part of the target's state. */
export interface Availability {
  /** The UTC day on which Atlas last said that it has nothing of this kind; null when it has. */
  unavailableOn: string | null;
}

/**
 * Whether to leave the target alone: Atlas was asked today already. So a cluster that is scaled up is noticed within a
 * day, and one that is not gives one warning a day.
 */
export function isUnavailableToday({ unavailableOn }: Availability, now: number): boolean {
  return unavailableOn === utcDay(now);
}
