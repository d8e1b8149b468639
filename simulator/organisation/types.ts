import type { AccessLogRules, Bounds } from '../access-logs/rules.ts';
import type { Alert } from '../alerts/alerts.ts';
import type { AlertConfiguration } from '../alerts/configurations.ts';
import type { RecurringAlertShape } from '../alerts/shapes.ts';
import type { LateRankedNamespaces } from './late-ranked-namespaces.ts';
import type { LatenessRules } from './lateness.ts';

/** When the API knows of something. Times in milliseconds since 1970-01-01T00:00:00Z. */
export interface Lifetime {
  /** Not listed and not found before this. */
  listedFrom?: number;
  /** Not listed from this time on; it also stops to give data. */
  listedUntil?: number;
  /** Whether its data can still be read when it is no longer listed. The default, `gone`, answers 404. */
  afterUnlisted?: 'gone' | 'readable';
}

export interface Database extends Lifetime {
  name: string;
  collections: Collection[];
}

export interface Collection extends Lifetime {
  /** May have dots in it, and anything but a null character. */
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

/** One mongod or mongos. */
export interface Process extends Lifetime {
  /** `hostname:port` */
  id: string;
  hostname: string;
  port: number;
  /** The name of the host that carries the cluster's name. */
  userAlias: string;
  typeName: ProcessType;
  replicaSetName: string | null;
  version: string | null;
  /** When it gave its first data. */
  created: number;
  clusterName: string;
  /** How far into each granule its points are stamped: 0 for most hosts, less than a minute. */
  offset: number;
  /** Whether its stamps wander around that, half a minute to either side. */
  stampsDrift?: boolean;
  databases: Database[];
  disks: Disk[];
  /** What its host logs of attempts to authenticate; the same for all processes of a host. */
  accessLogs: AccessLogRules;
}

export interface Cluster {
  /** 24 hexadecimal digits */
  id: string;
  name: string;
  type: 'REPLICASET' | 'SHARDED';
  version: string;
  /** `M0`, `M10`, `FLEX`, … */
  instanceSize: string;
  created: number;
  /** What `connectionStrings.standard` lists: alias and port. */
  connectionStrings: { hosts: string[] };
}

export interface Project {
  /** 24 hexadecimal digits */
  id: string;
  /** Tells it apart in whatever is made from names. */
  key: string;
  name: string;
  created: number;
  clusters: Cluster[];
  processes: Process[];
  alertConfigurations: AlertConfiguration[];
  /** Those that are scripted. */
  alerts: Alert[];
  recurringAlerts: RecurringAlertShape[];
}

/** All that the simulated Atlas holds, as a pure function of its options. */
export interface Organisation {
  /** 24 hexadecimal digits */
  id: string;
  seed: number;
  projects: Project[];
  /** How often database statistics are taken, in milliseconds: a granule without a sample has no value. */
  databaseSampling: number;
  /** What share of the points has no value and never will, from 0 to 1. */
  nullShare: number;
  /** Whether resources come, change and go. */
  drift: boolean;
  lateness: LatenessRules;
  /** In which order alerts and their configurations are listed. */
  /** Whether the list of a configuration leaves out alerts that track. */
  hidesTracking: boolean;
  alertOrder: 'oldest-first' | 'newest-first';
  /** Which ends of the span that is asked for are part of it, where access logs are read. */
  accessLogBounds: Bounds;
  /** Whether it is compared with the milliseconds of the log lines or with the seconds of the entries. */
  accessLogPrecision: 'millisecond' | 'second';
  lateRankedNamespaces: LateRankedNamespaces[];
  /** Milliseconds; of a span that starts earlier nothing is ranked any more. */
  rankedNamespacesRetention: number;
}
