import type { Burst } from '../access-logs/rules.ts';

/** A test's description of a host's logs. */
export interface LogShape {
  /** Average messages per hour. Default: 0. */
  perHour?: number;
  /** Spans with a fixed number of messages per second instead; [from, to), ms since 1970. */
  bursts?: readonly Burst[];
  /** The share of chunks that become readable late, from 0 to 1. Default: 0. */
  lateShare?: number;
  /** How much later, in milliseconds. Default: 0. */
  lateByMs?: number;
  /** JSON as from MongoDB 4.4 on, or the earlier plain text. Default: `json`. */
  lines?: 'json' | 'text';
  /** Whether the host has audit logs. Default: true. */
  auditing?: boolean;
}

export type LogRules = Required<LogShape>;

export function logRules(shape: LogShape = {}): LogRules {
  return { perHour: 0, bursts: [], lateShare: 0, lateByMs: 0, lines: 'json', auditing: true, ...shape };
}
