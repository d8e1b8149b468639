import type { AlertId } from '../../shared/ids.ts';

/** What is remembered of an alert between two runs. Instants are ms since the epoch, to the second. */
export interface KnownAlert {
  id: AlertId;
  /** `lost`: Atlas did not know the alert when it was read by id. */
  phase: 'open' | 'ended' | 'lost';
  /** Atlas's status while it was open; null for an unknown one. */
  status: 'OPEN' | 'TRACKING' | null;
  acknowledged: boolean;
  /** What the document last said; null when it said nothing. */
  acknowledgedUntil: number | null;
  /** Fingerprint of the fields whose change is an update: 16 hexadecimal digits. */
  content: string;
  /** Fingerprint of the acknowledging user and the comment: 8 hexadecimal digits. */
  acknowledgement: string;
  created: number;
  /**
   * For an open alert, the `ts` of its last row; no later row is dated before it. For any other, when it was observed
   * to be gone.
   */
  since: number;
}

/**
 * The maximum of four bytes in seconds since the epoch: the year 2106. "Acknowledged forever" is 100 years ahead and is
 * cut to it.
 */
const MAX_SECONDS = 2 ** 32 - 1;

/** Returns an instant as it is remembered: rounded down to the whole second. */
export function wholeSecond(instant: number): number {
  return Math.min(Math.max(Math.floor(instant / 1000), 0), MAX_SECONDS) * 1000;
}

/** Returns the first whole second that is not before an instant. */
export function nextWholeSecond(instant: number): number {
  return wholeSecond(Math.ceil(instant / 1000) * 1000);
}
