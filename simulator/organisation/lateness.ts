import type { Granularity } from '../series/granularity.ts';

/** Which series a rule is about; what is left out matches all. */
export interface SeriesSelector {
  projectId?: string;
  processId?: string;
  databaseName?: string;
  partitionName?: string;
  measurement?: string;
  granularity?: Granularity;
}

/** How a value that is not there yet looks: a null, or no point at all. */
export type Placeholder = 'null' | 'omitted';

/** Points show their values only some time after the instant that they are stamped with. */
export interface LateSeries extends SeriesSelector {
  /** Milliseconds. */
  lateByMs: number;
  /** Default: `null`. */
  shown?: Placeholder;
}

/** The whole series is missing until an instant, and then all there, as far back as Atlas holds it. */
export interface MissingSeries extends SeriesSelector {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  until: number;
  /** Default: `absent`, the answer does not name the series. */
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

/** What names a series: `granularity` included, since each keeps its own points. */
export interface SeriesName {
  projectId: string;
  processId: string;
  databaseName?: string;
  partitionName?: string;
  measurement: string;
  granularity: Granularity;
}

/** The rules that hold for one series. */
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

/** When the value stamped with this time may first be shown as far as the rules go; null when never. */
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

/** How the server shows a value that is held back at this time. */
export function placeholderAt(rules: LatenessRules, timestamp: number, now: number): Placeholder | 'absent' {
  for (const rule of rules.missingSeries) {
    if (now < rule.until) return rule.shown ?? 'absent';
  }
  for (const rule of rules.lateSeries) {
    if (now < timestamp + rule.lateByMs) return rule.shown ?? 'null';
  }
  return 'null';
}
