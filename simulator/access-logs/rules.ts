/** How a test describes what a host logs of attempts to authenticate. */
export interface AccessLogShape {
  /** Entries in an hour, on average. Default: 0. */
  perHour?: number;
  /** Spans in which every second has so many entries instead; [from, to), ms since 1970. */
  bursts?: readonly Burst[];
  /** What share of the entries can be read only later than the others, from 0 to 1. Default: 0. */
  lateShare?: number;
  /** How much later, in milliseconds. Default: 0. */
  lateByMs?: number;
  /** `Mon Mar 09 03:28:20 GMT 2026`, or ISO 8601. Default: `java`. */
  timestamps?: 'java' | 'iso';
  /** JSON as from MongoDB 4.4 on, or the plain text from before. Default: `json`. */
  lines?: 'json' | 'text';
}

export interface Burst {
  from: number;
  to: number;
  perSecond: number;
}

export type AccessLogRules = Required<AccessLogShape>;

/** Which ends of a span belong to it. */
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
