import { MINUTE } from '../../../shared/durations.ts';
import type { Bounds } from '../../../simulator/access-logs/rules.ts';
import type { AlertConfigurationShape, AlertShape } from '../../../simulator/alerts/shapes.ts';
import type { LateRankedNamespaces } from '../../../simulator/organisation/late-ranked-namespaces.ts';
import type { NodeShape } from '../../../simulator/organisation/shapes.ts';
import type { PlannedFate } from './fates.ts';

/** Everything that decides a history. Two runs of one history are the same, step by step. */
export interface History {
  /** Seeds the organisation's values, and the order in which things happen. */
  seed: number;
  /** What it is about: the datasets that its ticks are of. */
  subject: Subject;
  projects: readonly { nodes: readonly NodeShape[]; alerting: Alerting }[];
  /** How Atlas takes the ends of a request for access logs: which belong to it, and what they are compared with. */
  bounds: Bounds;
  precision: 'millisecond' | 'second';
  lateness: readonly Lateness[];
  /** In which order Atlas lists alerts. */
  alertOrder: 'oldest-first' | 'newest-first';
  /** Whether the list of a configuration leaves out alerts that track. */
  hidesTracking: boolean;
  lateRankedNamespaces: readonly LateRankedNamespaces[];
  /** For how long Atlas can rank an hour, ms. */
  rankedNamespacesRetention: number;
  /** Hosts that vanish, or have no data, for a while. */
  absences: readonly Absence[];
  /** When some items of Atlas's lists cannot be read. */
  unreadable: readonly UnreadableItems[];
  /** Projects that leave Atlas's list, for a while or for good. */
  departures: readonly Departure[];
  /** When the lists of clusters fail. */
  clusterOutages: readonly Outage[];
  /** How far the clocks of some containers are ahead, ms; beside what all of them are off. */
  ahead: number;
  /** Times at which Atlas gives no values of hours and days. */
  hushes: readonly Hush[];
  /** Whether Atlas refuses requests for measurements that start before what it holds, or before so many hours. */
  refuses: 'nothing' | 'dropped' | number;
  /** Settings, and which of them each tick is under: a change is a deployment, with new containers. */
  configs: readonly Config[];
  ticks: readonly HistoryTick[];
  fates: readonly PlannedFate[];
  /** Requests that a project's bucket for a kind of data holds; null without a limit. */
  bucket: number | null;
  /** The share of finished messages whose deletion is lost, so that they are delivered again. */
  redelivered: number;
  /** How far clocks of containers are off at most, ms. */
  skew: number;
  /**
   * The cursor table is restored before the tick `at` to what it was before the tick `saved`, by their places; it was
   * empty before the first. Null without a restore.
   */
  restore: { saved: number; at: number } | null;
  /** Hours between the first and the second of the last ticks: what is gone is given up in between. */
  farewell: number;
}

/** Databases and disks go together: they share their engine's windows. Resources are inventory and costs. */
export const SUBJECTS = ['measurements', 'access_logs', 'alerts', 'ranked_namespaces', 'resources'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** What a project's alerts are raised by, and their lives. */
export interface Alerting {
  configurations: readonly AlertConfigurationShape[];
  alerts: readonly AlertShape[];
}

/** A series that comes late, in minutes; of the measurement with this number. */
export type Lateness =
  | { kind: 'lags'; measurement: number; by: number }
  | { kind: 'appears'; measurement: number; at: number }
  | { kind: 'filled'; measurement: number; from: number; to: number; at: number };

/** Minutes after the start. The node counts through the organisation. */
export interface Absence {
  kind: 'host-not-found' | 'host-unlisted' | 'host-silent';
  node: number;
  from: number;
  to: number;
}

/** Minutes after the start. The node counts through the organisation. */
export interface Hush {
  node: number;
  from: number;
  to: number;
}

/** Minutes after the start; the seed decides which items. */
export interface UnreadableItems {
  items: number;
  from: number;
  to: number;
}

/** A project that is in no list, and answers, or does not. The number counts through the organisation. */
export interface Departure {
  kind: 'project-unlisted' | 'project-not-found';
  project: number;
  from: number;
  /** Null where it never comes back. */
  to: number | null;
}

/** Minutes after the start. */
export interface Outage {
  from: number;
  to: number;
}

export interface Config {
  databases: Settings;
  disks: Settings;
  logs: LogSettings;
  alerts: { enabled: boolean };
  rankings: RankingSettings;
  /** The second project is left out. */
  excludesSecond: boolean;
}

export interface Settings {
  enabled: boolean;
  granularity: 'PT1M' | 'PT5M' | 'PT1H';
  /** Minutes. */
  settle: number;
  /** Minutes. */
  backfill: number;
}

/** In minutes. */
export interface LogSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  overlap: number;
}

/** In minutes, but for the number of namespaces that are measured. */
export interface RankingSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  namespaces: number;
}

export interface HistoryTick {
  /** Minutes since the tick before. */
  after: number;
  /** Of the two datasets that measurements and resources have: the first is databases, or inventory. */
  which: 'both' | 'first' | 'second';
  /** An index of the list of configs; beyond its end, the last one. */
  config: number;
}

/** When histories begin; the first tick is later. */
export const START = Date.UTC(2026, 2, 2, 12);

/** The instant so many minutes after the start. */
export function minuteOf(minutes: number): number {
  return START + minutes * MINUTE;
}
