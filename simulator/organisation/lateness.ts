import type { Granularity } from '../series/granularity.ts';

/** The series that a rule affects. An omitted field matches all. */
export interface SeriesSelector {
  projectId?: string;
  processId?: string;
  databaseName?: string;
  partitionName?: string;
  measurement?: string;
  granularity?: Granularity;
}

/** How a value looks before it appears: a null, or no point. */
export type Placeholder = 'null' | 'omitted';

/** Points that show their values only some time after their stamps. */
export interface LateSeries extends SeriesSelector {
  /** Milliseconds. */
  lateByMs: number;
  /** Default: `null`. */
  shown?: Placeholder;
}

/** A whole series that is missing until an instant. Then all of it appears, as far back as Atlas keeps it. */
export interface MissingSeries extends SeriesSelector {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  until: number;
  /** Default: `absent`, the response does not contain the series. */
  shown?: Placeholder | 'absent';
}

/** Points stamped in [from, to) are null until they are filled. Milliseconds since 1970-01-01T00:00:00Z. */
export interface LateFill extends SeriesSelector {
  from: number;
  to: number;
  /** When the values appear; null means never. */
  filledAt: number | null;
}

export interface LatenessRules {
  lateSeries: LateSeries[];
  missingSeries: MissingSeries[];
  lateFills: LateFill[];
}

/** Identifies a series. Includes the `granularity`, because each has its own points. */
export interface SeriesName {
  projectId: string;
  processId: string;
  databaseName?: string;
  partitionName?: string;
  measurement: string;
  granularity: Granularity;
}

/** Returns the rules for one series. */
export function rulesFor(rules: LatenessRules, series: SeriesName): LatenessRules {
  const matching = (rule: SeriesSelector) => matches(rule, series);
  return {
    lateSeries: rules.lateSeries.filter(matching),
    missingSeries: rules.missingSeries.filter(matching),
    lateFills: rules.lateFills.filter(matching),
  };
}

const SELECTORS = [
  'projectId',
  'processId',
  'databaseName',
  'partitionName',
  'measurement',
  'granularity',
] as const satisfies readonly (keyof SeriesSelector)[];

function matches(rule: SeriesSelector, series: SeriesName): boolean {
  return SELECTORS.every((field) => rule[field] === undefined || rule[field] === series[field]);
}

/** Returns when the rules first allow showing the value with this stamp; null for never. */
export function releasedAt(rules: LatenessRules, timestamp: number): number | null {
  let release = -Infinity;
  for (const rule of rules.missingSeries) release = Math.max(release, rule.until);
  for (const rule of rules.lateSeries) release = Math.max(release, timestamp + rule.lateByMs);
  for (const rule of rules.lateFills) {
    if (timestamp < rule.from || timestamp >= rule.to) continue;
    if (rule.filledAt === null) return null;
    release = Math.max(release, rule.filledAt);
  }
  return release;
}

/** Returns how the server shows a delayed value at this time. */
export function placeholderAt(rules: LatenessRules, timestamp: number, now: number): Placeholder | 'absent' {
  for (const rule of rules.missingSeries) {
    if (now < rule.until) return rule.shown ?? 'absent';
  }
  for (const rule of rules.lateSeries) {
    if (now < timestamp + rule.lateByMs) return rule.shown ?? 'null';
  }
  return 'null';
}
