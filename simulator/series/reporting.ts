import { fractionAt } from '../hash.ts';
import { SECOND } from '../time.ts';

/**
 * When a host's samples reach Atlas: every so often all that was gathered since the last time. So the newest point is
 * between `delay` and `delay + period` old, and points become settled in bursts.
 */
export interface Reporting {
  /** Milliseconds between two reports. */
  period: number;
  /** Milliseconds from a report's last sample until the API shows it. */
  delay: number;
  /** Milliseconds: reports are made at `phase` plus a multiple of `period`. */
  phase: number;
}

/** The newest point of a database is 2 to 355 seconds old, as recorded. */
export const DATABASE_REPORTING = { period: 353 * SECOND, delay: 2 * SECOND };

/** The newest point of a disk is 2 to 61 seconds old, as recorded. */
export const DISK_REPORTING = { period: 59 * SECOND, delay: 2 * SECOND };

/** The target's own phase, in whole seconds. */
export function reportingOf({ period, delay }: Omit<Reporting, 'phase'>, key: number): Reporting {
  return { period, delay, phase: Math.floor((fractionAt(key, 0) * period) / SECOND) * SECOND };
}

/** The time of the newest sample that the API knows at an instant; ms since 1970, whole seconds. */
export function newestSample({ period, delay, phase }: Reporting, now: number): number {
  return phase + Math.floor((now - delay - phase) / period) * period;
}

/** The first instant at which the API knows everything before a time. */
export function knownFrom({ period, delay, phase }: Reporting, time: number): number {
  return phase + Math.ceil((time - phase) / period) * period + delay;
}
