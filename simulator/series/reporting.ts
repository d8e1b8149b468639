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
}

/** The newest point of a database is 2 to 355 seconds old, as recorded. */
export const DATABASE_REPORTING = { period: 353 * SECOND, delay: 2 * SECOND };

/** The newest point of a disk is 2 to 61 seconds old, as recorded. */
export const DISK_REPORTING = { period: 59 * SECOND, delay: 2 * SECOND };

/** Returns the target's reporting, with a phase in whole seconds. */
export function reportingOf({ period, delay }: Omit<Reporting, 'phase'>, key: number): Reporting {
  return { period, delay, phase: Math.floor((fractionAt(key, 0) * period) / SECOND) * SECOND };
}

/** Returns the time of the newest sample that the API shows at an instant; ms since 1970, whole seconds. */
export function newestSample({ period, delay, phase }: Reporting, now: number): number {
  return phase + Math.floor((now - delay - phase) / period) * period;
}

/** Returns the first instant at which the API shows everything before a time. */
export function knownFrom({ period, delay, phase }: Reporting, time: number): number {
  return phase + Math.ceil((time - phase) / period) * period + delay;
}
