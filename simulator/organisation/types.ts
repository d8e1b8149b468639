import type { AccessLogRules, Bounds } from '../access-logs/rules.ts';
import type { Alert } from '../alerts/alerts.ts';
import type { AlertConfiguration } from '../alerts/configurations.ts';
import type { RecurringAlertShape } from '../alerts/shapes.ts';
import type { EventRules } from '../events/rules.ts';
import type { LogRules } from '../logs/rules.ts';
import type { AdviceRules } from '../performance-advisor/rules.ts';
import type { Stall } from '../series/reporting.ts';
import type { LateRankedNamespaces } from './late-ranked-namespaces.ts';
import type { LatenessRules } from './lateness.ts';

/** When the API lists something. Times in milliseconds since 1970-01-01T00:00:00Z. */
export interface Lifetime {
  /** Neither listed nor found before this. */
  listedFrom?: number;
  /** Not listed from this time on; also has no new data. */
  listedUntil?: number;
  /** Whether its data stays readable when it is no longer listed. The default, `gone`, responds with 404. */
  afterUnlisted?: 'gone' | 'readable';
}

export interface Database extends Lifetime {
  name: string;
  collections: Collection[];
}

export interface Collection extends Lifetime {
  /** May contain dots, and anything except a null character. */
  name: string;
}

export interface Disk extends Lifetime {
  partitionName: string;
}

export type ProcessType =
  | 'REPLICA_PRIMARY'
  | 'REPLICA_SECONDARY'
  | 'RECOVERING'
  | 'SHARD_MONGOS'
  | 'SHARD_CONFIG'
  | 'SHARD_STANDALONE'
  | 'SHARD_PRIMARY'
  | 'SHARD_SECONDARY'
  | 'NO_DATA';

/** When Atlas Search runs on a host; milliseconds since 1970. */
export interface SearchSpan {
  /** Default: since the host exists. */
  from?: number;
  /** Default: as long as the host exists. */
  until?: number;
}

/** One mongod or mongos. */
export interface Process extends Lifetime {
  /** `hostname:port` */
  id: string;
  hostname: string;
  port: number;
  /** The host name that contains the cluster's name. */
  userAlias: string;
  typeName: ProcessType;
  replicaSetName: string | null;
  version: string | null;
  /** When it had its first data. */
  created: number;
  clusterName: string;
  /** How far into each interval its points are stamped: 0 for most hosts, less than a minute. */
  offset: number;
  /** Whether its stamps drift around that, by up to half a minute. */
  stampsDrift?: boolean;
  databases: Database[];
  disks: Disk[];
  /** When Atlas Search runs beside it; never if omitted. */
  search?: SearchSpan;
  /** The access log of its host; the same for all processes of a host. */
  accessLogs: AccessLogRules;
  slowQueries: EventRules;
  /** The logs of the process. */
  logs: LogRules;
}

/** A tag of a cluster in [from, until), in milliseconds since 1970. Without ends, always. */
export interface ClusterTag {
  key: string;
  value: string;
  from?: number;
  until?: number;
}

export interface Cluster extends Lifetime {
  /** 24 hexadecimal digits */
  id: string;
  name: string;
  type: 'REPLICASET' | 'SHARDED';
  version: string;
  /** `M0`, `M10`, `FLEX`, … */
  instanceSize: string;
  /** Whether cloud backups are on. */
  backups: boolean;
  advice: AdviceRules;
  /** How many shapes its queries have. */
  queryShapes: number;
  created: number;
  tags: readonly ClusterTag[];
  /** The entries of `connectionStrings.standard`: alias and port. */
  connectionStrings: { hosts: string[] };
}

export interface Project {
  /** 24 hexadecimal digits */
  id: string;
  /** Distinguishes it in values derived from names. */
  key: string;
  name: string;
  created: number;
  clusters: Cluster[];
  processes: Process[];
  alertConfigurations: AlertConfiguration[];
  /** The scripted alerts. */
  alerts: Alert[];
  recurringAlerts: RecurringAlertShape[];
  events: EventRules;
}

/**
 * Which points change. `at-sample`: the newest one, stamped with its last sample. `at-interval`: the newest one, stamped
 * like the final value. `corrected`: also others, until the longest usual lag after the end of their interval.
 */
export type Provisional = 'at-sample' | 'at-interval' | 'corrected';

/** The whole content of the simulated Atlas, as a pure function of its options. */
export interface Organisation {
  /** 24 hexadecimal digits */
  id: string;
  seed: number;
  /** When it was created. */
  created: number;
  projects: Project[];
  /** Milliseconds between samples of database statistics. An interval without a sample has no value. */
  databaseSampling: number;
  provisional: Provisional;
  /** Times at which Atlas shows no new measurements. */
  stalls: readonly Stall[];
  /** The series that processes have; null for all that their types have. */
  processSeries: readonly string[] | null;
  /** How Atlas responds to a request for Atlas Search on a host that has never had it. */
  withoutSearch: 'empty' | 'refused';
  /** The share of points that never have a value, from 0 to 1. */
  nullShare: number;
  /** Whether resources appear, change and disappear. */
  drift: boolean;
  lateness: LatenessRules;
  /** Whether the list of a configuration omits tracking alerts. */
  hidesTracking: boolean;
  /** The order in which alerts and their configurations are listed. */
  alertOrder: 'oldest-first' | 'newest-first';
  /** Which ends of a requested span of access logs are inclusive. */
  accessLogBounds: Bounds;
  /** Whether the span is compared with the milliseconds of the log lines or with the seconds of the entries. */
  accessLogPrecision: 'millisecond' | 'second';
  lateRankedNamespaces: LateRankedNamespaces[];
  /** Milliseconds. The ranking of a span that starts earlier is empty. */
  rankedNamespacesRetention: number;
  /** The organisation's own events. */
  events: EventRules;
  /** Which ends of a requested span of events are inclusive. */
  eventBounds: Bounds;
  /** Milliseconds after which an event is no longer readable. */
  eventsRetention: number;
  /** Which ends of a requested span of slow queries are inclusive. */
  slowQueryBounds: Bounds;
  slowQueryOrder: 'oldest-first' | 'newest-first';
  /** Milliseconds after which a slow query is no longer readable. */
  slowQueriesRetention: number;
  /** Milliseconds after which queries no longer count for suggestions and shapes. */
  adviceRetention: number;
  /** Which ends of a requested span of logs are inclusive. */
  logBounds: Bounds;
  /** Whether a log has the requested lines, or all lines of the chunks that they are in. */
  logUnits: 'lines' | 'chunks';
  /** Whether the organisation's list also has the events of its projects. */
  sharesProjectEvents: boolean;
}
