import type { AccessLogShape, Bounds } from '../access-logs/rules.ts';
import type { AlertConfigurationShape, AlertShape, RecurringAlertShape } from '../alerts/shapes.ts';
import type { EventShape } from '../events/rules.ts';
import type { LogShape } from '../logs/rules.ts';
import type { AdviceShape } from '../performance-advisor/rules.ts';
import type { Stall } from '../series/reporting.ts';
import type { LateRankedNamespaces } from './late-ranked-namespaces.ts';
import type { LatenessRules } from './lateness.ts';
import type {
  ClusterTag,
  Collection,
  Disk,
  Lifetime,
  ProcessType,
  Provisional,
  SearchSpan,
} from './types.ts';

/** A test's description of an organisation. Everything except names has a default. */
export interface OrganisationOptions extends Partial<LatenessRules> {
  /** Default: 1. */
  seed?: number;
  /** Default: the demo's two projects. */
  projects?: ProjectShape[];
  /** When everything was created and had its first data, in ms since 1970. Default: 2025-01-01T00:00:00Z. */
  created?: number;
  /** Milliseconds between two samples of a database's statistics. Default: 20 minutes. */
  databaseSampling?: number;
  /** Which points change before they are final. Default: `at-sample`, as recorded. */
  provisional?: Provisional;
  /** Times at which Atlas shows no new measurements, so that it is further behind than usual. Default: none. */
  stalls?: Stall[];
  /** The series that processes have. Default: all that their types have. */
  processSeries?: readonly string[];
  /** The response for Atlas Search on a host that has never had it. Default: `empty`; Atlas documents neither. */
  withoutSearch?: 'empty' | 'refused';
  /** Whether resources appear, change and disappear. Default: only in the demo's organisation. */
  drift?: boolean;
  /** The share of points that never have a value, from 0 to 1. Default: 0. */
  nullShare?: number;
  /** Whether the list of a configuration omits tracking alerts. Default: false. */
  hidesTracking?: boolean;
  /** The order in which alerts and their configurations are listed. Default: `oldest-first`, as recorded. */
  alertOrder?: 'oldest-first' | 'newest-first';
  /** Which ends of a request for access logs are inclusive. Default: both, `[]`. */
  accessLogBounds?: Bounds;
  /** Whether a request's ends are compared with the entries' milliseconds or seconds. Default: `millisecond`. */
  accessLogPrecision?: 'millisecond' | 'second';
  /** Hours whose ranked namespaces appear late or never. Default: none, except for the demo's projects. */
  lateRankedNamespaces?: LateRankedNamespaces[];
  /** Milliseconds after which the ranking of a span is empty. Default: never, since Atlas documents no limit. */
  rankedNamespacesRetention?: number;
  /** Events of the organisation's own list. Default: none, except in the demo's organisation. */
  events?: EventShape;
  /** Which ends of a request for events are inclusive. Default: both, `[]`. */
  eventBounds?: Bounds;
  /** Milliseconds after which events are no longer readable. Default: never, since Atlas documents no limit. */
  eventsRetention?: number;
  /** Which ends of a request for slow queries are inclusive. Default: both, `[]`. */
  slowQueryBounds?: Bounds;
  /** Default: `newest-first`, since Atlas documents no order. */
  slowQueryOrder?: 'oldest-first' | 'newest-first';
  /** Milliseconds after which slow queries are no longer readable. Default: a week, since Atlas documents no limit. */
  slowQueriesRetention?: number;
  /** Milliseconds after which queries no longer count for suggestions and shapes. Default: a week, since Atlas documents no limit. */
  adviceRetention?: number;
  /** Which ends of a request for logs are inclusive, compared in seconds. Default: both, `[]`. */
  logBounds?: Bounds;
  /** Whether a log has the requested lines, or all lines of the chunks that they are in. Default: `lines`. */
  logUnits?: 'lines' | 'chunks';
  /** Whether the organisation's list also has the events of its projects. Default: no, as recorded. */
  sharesProjectEvents?: boolean;
}

export interface ProjectShape {
  name: string;
  /** 24 hexadecimal digits. Default: derived from seed and name. */
  id?: string;
  clusters: ClusterShape[];
  /** Default: none. */
  alertConfigurations?: AlertConfigurationShape[];
  /** Default: none. */
  alerts?: AlertShape[];
  /** Default: none. */
  recurringAlerts?: RecurringAlertShape[];
  /** Events in addition to those of its resources. Default: none. */
  events?: EventShape;
}

export interface ClusterShape extends Lifetime {
  name: string;
  /** Default: `REPLICASET`. */
  type?: 'REPLICASET' | 'SHARDED';
  /** Nodes of the replica set, or of each shard. Default: 3, the first one primary. */
  nodes?: number | NodeShape[];
  /** How many shards a sharded cluster has. Default: 2. */
  shards?: number;
  /** How many config servers a sharded cluster has. Default: 3. */
  configNodes?: number;
  /** Databases of each mongod. Default: `admin`, `local` and one with the cluster's name. */
  databases?: (string | DatabaseShape)[];
  /** Disks of each host. Default: `data`. */
  disks?: (string | Disk)[];
  /** MongoDB's version. Default: 8.0.29. */
  version?: string;
  /** Its tier: `M0`, `M2`, `M5` and `FLEX` lack features of larger ones. Default: M30. */
  instanceSize?: string;
  /** Whether cloud backups are on. Default: true, except for tiers that have none. */
  backups?: boolean;
  /** Default: none. */
  tags?: readonly ClusterTag[];
  /** When Atlas Search runs on the hosts of its mongods. Default: never. */
  search?: SearchSpan;
  /** The access log of each of its hosts. Default: empty. */
  accessLogs?: AccessLogShape;
  /** The slow queries of each of its processes. Default: none. */
  slowQueries?: EventShape;
  /** What the Performance Advisor suggests. Default: nothing. */
  advice?: AdviceShape;
  /** How many shapes its queries have. Default: 0. */
  queryShapes?: number;
  /** The logs of each of its hosts. Default: empty. */
  logs?: LogShape;
}

export interface DatabaseShape extends Lifetime {
  name: string;
  /** Default: none. */
  collections?: (string | Collection)[];
}

/** The properties of one node. */
export interface NodeShape extends Lifetime {
  typeName?: ProcessType;
  /** How far into each interval its points are stamped: milliseconds, below one minute. Default: 0. */
  offset?: number;
  /** Whether its stamps drift around the start of their intervals, by up to half a minute. Default: no. */
  stampsDrift?: boolean;
  /** When it had its first data. Default: `listedFrom`, or else when the organisation was created. */
  created?: number;
  databases?: (string | DatabaseShape)[];
  disks?: (string | Disk)[];
  /** Replaces the cluster's. */
  accessLogs?: AccessLogShape;
  /** Replaces the cluster's. */
  slowQueries?: EventShape;
  logs?: LogShape;
}
