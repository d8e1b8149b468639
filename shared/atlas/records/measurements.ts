import type { OrganisationId, ProcessId, ProjectId } from '../../ids.ts';

export interface Project {
  id: ProjectId;
  name: string;
  /** The organisation that owns the project; null if the response omits it. */
  organisation: OrganisationId | null;
}

export interface Cluster {
  /** Null if Atlas omits it. */
  id: string | null;
  name: string;
  /**
   * The hosts of `connectionStrings.standard`, without ports. They equal the `userAlias` of the cluster's processes.
   */
  hosts: string[];
  /** M10, M30, …; M0, M2, M5 and FLEX are tenants of shared hardware. Null if Atlas omits it. */
  instanceSize: string | null;
  /** Null if they cannot be read. */
  tags: readonly ClusterTag[] | null;
}

/** A tag that a user gave a cluster. */
export interface ClusterTag {
  key: string;
  value: string;
}

/** The type of a process without data in Atlas, for example when its host is down. */
export const NO_DATA = 'NO_DATA';

export interface Process {
  id: ProcessId;
  hostname: string;
  /** The host's name after its cluster; absent in some responses. */
  userAlias: string | null;
  /** REPLICA_PRIMARY, SHARD_MONGOS, NO_DATA, …; Atlas may add others. */
  typeName: string;
  replicaSetName: string | null;
}

/** An ISO 8601 duration that the measurement endpoints accept as `granularity`. */
export type Granularity = 'PT10S' | 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';

export interface MeasurementWindow {
  granularity: Granularity;
  /** First and last instant, in milliseconds since the epoch; whole seconds. */
  start: number;
  end: number;
}

export interface DataPoint {
  /** Milliseconds since the epoch. Not necessarily aligned to the granularity. */
  timestamp: number;
  value: number | null;
}

/**
 * Maximum characters of a name: more than Atlas or MongoDB allow (a host has at most 253, a database 64 bytes). Cursors
 * contain names, and 300 characters take at most 900 of the 1,024 bytes of a DynamoDB key.
 */
export const MAX_NAME_LENGTH = 300;

/** Maximum characters of a measurement's name, which is ASCII; DISK_PARTITION_THROUGHPUT_WRITE has 31. */
export const MAX_MEASUREMENT_LENGTH = 100;

export interface MeasurementSeries {
  name: string;
  units: string | null;
  dataPoints: DataPoint[];
}

/** The measurements of a collection on a process. */
export interface NamespaceMeasurements {
  /**
   * An ISO 8601 duration that Atlas chose. Requests cannot set it, and it may be a value that is unknown today. Null if
   * Atlas omits it.
   */
  granularity: string | null;
  series: MeasurementSeries[];
  /** How many series, and points of series, were left out because they cannot be read. */
  unreadable: number;
}
