/** A test's description of a host's access log. */
export interface AccessLogShape {
  /** Average entries per hour. Default: 0. */
  perHour?: number;
  /** Spans with a fixed number of entries per second instead; [from, to), ms since 1970. */
  bursts?: readonly Burst[];
  /** The share of entries that become readable late, from 0 to 1. Default: 0. */
  lateShare?: number;
  /** How much later, in milliseconds. Default: 0. */
  lateByMs?: number;
  /** `Mon Mar 09 03:28:20 GMT 2026`, or ISO 8601. Default: `java`. */
  timestamps?: 'java' | 'iso';
  /** JSON as from MongoDB 4.4 on, or the earlier plain text. Default: `json`. */
  lines?: 'json' | 'text';
}

export interface Burst {
  from: number;
  to: number;
  perSecond: number;
}

export type AccessLogRules = Required<AccessLogShape>;

/** Which ends of a span are inclusive. */
export type Bounds = '[]' | '[)' | '(]' | '()';

export function accessLogRules(shape: AccessLogShape = {}): AccessLogRules {
  return {
    perHour: 0,
    bursts: [],
    lateShare: 0,
    lateByMs: 0,
    timestamps: 'java',
    lines: 'json',
    ...shape,
  };
}
