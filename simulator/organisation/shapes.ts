import type { AccessLogShape, Bounds } from '../access-logs/rules.ts';
import type { AlertConfigurationShape, AlertShape, RecurringAlertShape } from '../alerts/shapes.ts';
import type { LateRankedNamespaces } from './late-ranked-namespaces.ts';
import type { LatenessRules } from './lateness.ts';
import type { Collection, Disk, Lifetime, ProcessType } from './types.ts';

/** How a test describes an organisation; everything but names has a default. */
export interface OrganisationOptions extends Partial<LatenessRules> {
  /** Default: 1. */
  seed?: number;
  /** Default: the demo's two projects. */
  projects?: ProjectShape[];
  /** When everything came to be and gave its first data, in ms since 1970. Default: 2025-01-01T00:00:00Z. */
  created?: number;
  /** Milliseconds between two samples of a database's statistics. Default: 20 minutes. */
  databaseSampling?: number;
  /** Whether resources come, change and go. Default: in the demo's organisation only. */
  drift?: boolean;
  /** What share of the points has no value and never will, from 0 to 1. Default: 0. */
  nullShare?: number;
  /** In which order alerts and their configurations are listed. Default: `oldest-first`, as it was recorded. */
  /** Whether the list of a configuration leaves out alerts that track. Default: false. */
  hidesTracking?: boolean;
  alertOrder?: 'oldest-first' | 'newest-first';
  /** Which ends of a request for access logs are part of it. Default: both, `[]`. */
  accessLogBounds?: Bounds;
  /** What a request's ends are compared with: the entries' milliseconds, or their seconds. Default: `millisecond`. */
  accessLogPrecision?: 'millisecond' | 'second';
  /** Hours whose ranked namespaces show late, or never. Default: none, but for the demo's projects. */
  lateRankedNamespaces?: LateRankedNamespaces[];
  /** Milliseconds after which the answer for a span is empty. Default: never, since nothing is documented. */
  rankedNamespacesRetention?: number;
}

export interface ProjectShape {
  name: string;
  /** 24 hexadecimal digits; made from seed and name by default. */
  id?: string;
  clusters: ClusterShape[];
  /** Default: none. */
  alertConfigurations?: AlertConfigurationShape[];
  /** Default: none. */
  alerts?: AlertShape[];
  /** Default: none. */
  recurringAlerts?: RecurringAlertShape[];
}

export interface ClusterShape {
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
  /** Its tier: `M0`, `M2`, `M5` and `FLEX` lack what larger ones have. Default: M30. */
  instanceSize?: string;
  /** What each of its hosts logs of attempts to authenticate. Default: nothing. */
  accessLogs?: AccessLogShape;
}

export interface DatabaseShape extends Lifetime {
  name: string;
  /** Default: none. */
  collections?: (string | Collection)[];
}

/** What one node has of its own. */
export interface NodeShape extends Lifetime {
  typeName?: ProcessType;
  /** Milliseconds into each granule at which its points are stamped, below one minute. Default: 0. */
  offset?: number;
  /** Whether its stamps wander around their granules' beginnings, half a minute to either side. Default: no. */
  stampsDrift?: boolean;
  /** When it gave its first data. Default: `listedFrom`, or else when the organisation came to be. */
  created?: number;
  databases?: (string | DatabaseShape)[];
  disks?: (string | Disk)[];
  /** Instead of the cluster's. */
  accessLogs?: AccessLogShape;
}
