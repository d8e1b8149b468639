import type { Burst } from '../access-logs/rules.ts';

/** A test's description of the events of a project or organisation, in addition to those of its resources, or of slow queries. */
export interface EventShape {
  /** Average number per hour. Default: 0. */
  perHour?: number;
  /** Spans with additional ones in each second; [from, to), ms since 1970. */
  bursts?: readonly Burst[];
  /** The share that become readable late, from 0 to 1. Default: 0. */
  lateShare?: number;
  /** How much later, in milliseconds. Default: 0. */
  lateByMs?: number;
}

export type EventRules = Required<EventShape>;

export function eventRules(shape: EventShape = {}): EventRules {
  return { perHour: 0, bursts: [], lateShare: 0, lateByMs: 0, ...shape };
}
