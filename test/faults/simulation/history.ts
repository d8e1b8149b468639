import { MINUTE } from '../../../shared/durations.ts';
import type { Bounds } from '../../../simulator/access-logs/rules.ts';
import type { AlertConfigurationShape, AlertShape } from '../../../simulator/alerts/shapes.ts';
import type { EventShape } from '../../../simulator/events/rules.ts';
import type { LateRankedNamespaces } from '../../../simulator/organisation/late-ranked-namespaces.ts';
import type { NodeShape } from '../../../simulator/organisation/shapes.ts';
import type { PlannedCallFault } from './call-faults.ts';

/** Contains everything that determines a history. Two simulations of one history are the same, step by step. */
export interface History {
  /** The seed of the organisation's values and of the order of events. */
  seed: number;
  /** The topic decides which datasets the ticks run. */
  topic: Topic;
  projects: readonly { nodes: readonly NodeShape[]; alerting: Alerting }[];
  /** Which ends of a request for access logs Atlas includes. */
  bounds: Bounds;
  /** The precision at which Atlas compares the ends of such a request. */
  precision: 'millisecond' | 'second';
  lateness: readonly Lateness[];
  /** The order in which Atlas lists alerts. */
  alertOrder: 'oldest-first' | 'newest-first';
  /** Whether the list of a configuration's alerts omits alerts in the state TRACKING. */
  hidesTracking: boolean;
  lateRankedNamespaces: readonly LateRankedNamespaces[];
  /** How long Atlas can rank an hour, in ms. */
  rankedNamespacesRetention: number;
  events: Events;
  /** Hosts that disappear or have no data for a while. */
  absences: readonly Absence[];
  /** Times at which some items of Atlas's lists are unreadable. */
  unreadable: readonly UnreadableItems[];
  /** Projects that leave Atlas's list for a while or for good. */
  departures: readonly Departure[];
  /** Times at which the lists of clusters fail. */
  clusterOutages: readonly Outage[];
  /** How far the clocks of some containers are ahead, in ms, in addition to `skew`. */
  ahead: number;
  /** Times at which Atlas gives no values of hours and days. */
  coarseOutages: readonly CoarseOutage[];
  /** Whether Atlas refuses requests for measurements that start before its oldest data, or more than this many hours ago. */
  refuses: 'nothing' | 'dropped' | number;
  /** The settings from which each tick chooses. A change is a deployment with new containers. */
  configs: readonly Config[];
  ticks: readonly HistoryTick[];
  callFaults: readonly PlannedCallFault[];
  /** The size of a project's request bucket for each kind of data. Null without a limit. */
  bucket: number | null;
  /** The share of finished messages whose deletion is lost. SQS delivers them again. */
  redelivered: number;
  /** The maximum error of the containers' clocks, in ms. */
  skew: number;
  /**
   * Before tick number `at`, the cursor table is restored to its state before tick number `saved`. The table is empty
   * before tick 0. Null without a restore.
   */
  restore: { saved: number; at: number } | null;
  /** Hours between the first and second of the final ticks. In between, the collector gives up removed targets. */
  finalPause: number;
}

/**
 * Measurements are those of databases and disks, which share the code of windows with those of processes. Resources are
 * inventory and costs. Snapshots are index suggestions and query shapes.
 */
export const TOPICS = [
  'measurements',
  'process_measurements',
  'search_measurements',
  'access_logs',
  'alerts',
  'ranked_namespaces',
  'resources',
  'events',
  'slow_queries',
  'snapshots',
  'logs',
] as const;
export type Topic = (typeof TOPICS)[number];

/** The events of the organisation, then of its projects. */
export interface Events {
  lists: readonly EventShape[];
  /** How long Atlas keeps events, in ms. */
  retention: number;
  /** Whether the organisation's list also has the events of its projects. */
  isShared: boolean;
  /** The settings of each config. */
  settings: readonly EventSettings[];
}

/** Times are in minutes. */
export interface EventSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  overlap: number;
}

/** A project's alert configurations and alerts. */
export interface Alerting {
  configurations: readonly AlertConfigurationShape[];
  alerts: readonly AlertShape[];
}

/** A late series of the measurement with this number. Times are in minutes. */
export type Lateness =
  | { kind: 'lags'; measurement: number; by: number }
  | { kind: 'appears'; measurement: number; at: number }
  | { kind: 'filled'; measurement: number; from: number; to: number; at: number };

/** Times are in minutes after the start. Nodes are numbered across the organisation. */
export interface Absence {
  kind: 'host-not-found' | 'host-unlisted' | 'host-silent';
  node: number;
  from: number;
  to: number;
}

/** Times are in minutes after the start. Nodes are numbered across the organisation. */
export interface CoarseOutage {
  node: number;
  from: number;
  to: number;
}

/** Times are in minutes after the start. `items` is the seed that decides which items. */
export interface UnreadableItems {
  items: number;
  from: number;
  to: number;
}

/** A project that is in no list, and either still answers or does not. Projects are numbered across the organisation. */
export interface Departure {
  kind: 'project-unlisted' | 'project-not-found';
  project: number;
  from: number;
  /** Null if it never comes back. */
  to: number | null;
}

/** Times are in minutes after the start. */
export interface Outage {
  from: number;
  to: number;
}

export interface Config {
  databases: Settings;
  disks: Settings;
  logs: LogSettings;
  alerts: { enabled: boolean };
  rankedNamespaces: RankedNamespaceSettings;
  /** Whether the configuration excludes the second project. */
  excludesSecond: boolean;
}

export interface Settings {
  enabled: boolean;
  granularity: 'PT1M' | 'PT5M' | 'PT1H';
  /** In minutes. */
  settle: number;
  /** In minutes. */
  backfill: number;
}

/** Times are in minutes. */
export interface LogSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  overlap: number;
}

/** Times are in minutes. `namespaces` is how many namespaces are measured. */
export interface RankedNamespaceSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  namespaces: number;
}

export interface HistoryTick {
  /** Minutes since the tick before. */
  after: number;
  /** Selects one of two datasets. For measurements the first is databases, for resources it is inventory. */
  which: 'both' | 'first' | 'second';
  /** An index into the list of configs. An index beyond the end selects the last one. */
  config: number;
}

/** The start of every history. The first tick is later. */
export const START = Date.UTC(2026, 2, 2, 12);

/** Returns the instant at a number of minutes after the start. */
export function minuteOf(minutes: number): number {
  return START + minutes * MINUTE;
}
