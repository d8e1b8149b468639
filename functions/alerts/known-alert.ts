import type { AlertId } from '../../shared/ids.ts';

/** What is remembered of an alert between two runs. Instants in ms since the epoch, kept to the second. */
export interface KnownAlert {
  id: AlertId;
  /** `lost`: Atlas knew it no more when it was asked for. */
  phase: 'open' | 'ended' | 'lost';
  /** Atlas's status while it was open; null for one that is not known today. */
  status: 'OPEN' | 'TRACKING' | null;
  acknowledged: boolean;
  /** What the document said last; null when it said nothing. */
  acknowledgedUntil: number | null;
  /** Of the fields whose change is an update: 16 hexadecimal digits. */
  content: string;
  /** Of who acknowledged it, and the comment: 8 hexadecimal digits. */
  acknowledgement: string;
  created: number;
  /** Of an open alert, the `ts` of its last row: no later one lies before it. Of any other, when it was seen to be gone. */
  since: number;
}

/** Seconds since the epoch that four bytes can hold: until 2106. "Acknowledged forever" is 100 years ahead, and is cut to it. */
const MOST_SECONDS = 2 ** 32 - 1;

/** An instant as it is remembered: the whole second that it lies in. */
export function wholeSecond(instant: number): number {
  return Math.min(Math.max(Math.floor(instant / 1000), 0), MOST_SECONDS) * 1000;
}

/** The first whole second that does not lie before an instant. */
export function nextWholeSecond(instant: number): number {
  return wholeSecond(Math.ceil(instant / 1000) * 1000);
}
