import { fractionAt } from '../hash.ts';
import { SECOND } from '../time.ts';

/**
 * When a host's samples reach Atlas. A host periodically reports all samples since its last report, so the newest point
 * is between `delay` and `delay + period` old, and points settle in bursts.
 */
export interface Reporting {
  /** Milliseconds between two reports. */
  period: number;
  /** Milliseconds from a report's last sample until the API shows it. */
  delay: number;
  /** Milliseconds: reports happen at `phase` plus a multiple of `period`. */
  phase: number;
  /** Times at which no report gets through; ms since 1970. Afterwards all of them do at once. */
  stalls: readonly Stall[];
}

/** A time in [from, to) at which Atlas shows nothing new; ms since 1970. */
export interface Stall {
  from: number;
  to: number;
}

/** The newest point of a database is 2 to 355 seconds old, as recorded. */
export const DATABASE_REPORTING = { period: 353 * SECOND, delay: 2 * SECOND };

/** The newest point of a disk or process is 2 to 61 seconds old, as recorded. */
export const HOST_REPORTING = { period: 59 * SECOND, delay: 2 * SECOND };

/** Returns the target's reporting, with a phase in whole seconds. */
export function reportingOf(
  { period, delay }: Pick<Reporting, 'period' | 'delay'>,
  key: number,
  stalls: readonly Stall[],
): Reporting {
  return { period, delay, stalls, phase: Math.floor((fractionAt(key, 0) * period) / SECOND) * SECOND };
}

/** Returns the time of the newest sample that the API shows at an instant; ms since 1970, whole seconds. */
export function newestSample({ period, delay, phase, stalls }: Reporting, now: number): number {
  const shown = stalls.reduce((at, { from, to }) => (now >= from && now < to ? Math.min(at, from) : at), now);
  return phase + Math.floor((shown - delay - phase) / period) * period;
}

/** Returns the first instant at which the API shows everything before a time. */
export function knownFrom({ period, delay, phase, stalls }: Reporting, time: number): number {
  const reported = phase + Math.ceil((time - phase) / period) * period + delay;
  return stalls.reduce(
    (at, { from, to }) => (reported > from && reported < to ? Math.max(at, to) : at),
    reported,
  );
}

/** Returns the age of the oldest newest point that the API shows without a stall; ms. */
export function longestLag({ period, delay }: Reporting): number {
  return period + delay;
}
