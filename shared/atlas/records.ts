import type { AlertConfigurationId, AlertId, OrganisationId, ProcessId, ProjectId } from '../ids.ts';
import type { ResourceId } from './resource-id.ts';

/** The records that the Atlas client returns, and the queries that it takes. */

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

/** A JSON object as Atlas sent it, with its keys in Atlas's order. Omits `links`, which only repeat ids. */
export type AtlasDocument = Readonly<Record<string, unknown>>;

/** The condition that raises alerts. All instants in ms since the epoch. */
export interface AlertConfiguration {
  id: AlertConfigurationId;
  enabled: boolean | null;
  /** OUTSIDE_METRIC_THRESHOLD, NO_PRIMARY, …; Atlas adds others, and omits it for some. */
  eventTypeName: string | null;
  /** From `metricThreshold`. Other kinds have a `threshold` without it, or none. */
  metricName: string | null;
  operator: string | null;
  threshold: number | null;
  thresholdUnits: string | null;
  severityOverride: string | null;
  created: number | null;
  updated: number | null;
  /** The whole document. Its notifications may contain credentials. */
  document: AtlasDocument;
}

/** One alert, from opening to end. All instants in ms since the epoch. */
export interface Alert {
  id: AlertId;
  configuration: AlertConfigurationId | null;
  /** TRACKING, OPEN, CLOSED or CANCELLED; Atlas may add others. */
  status: string;
  eventTypeName: string | null;
  created: number;
  /** Changes with every evaluation, even long after the alert ended. */
  updated: number | null;
  /** When the alert closed. */
  resolved: number | null;
  lastNotified: number | null;
  acknowledgedUntil: number | null;
  acknowledgingUsername: string | null;
  acknowledgementComment: string | null;
  clusterName: string | null;
  replicaSetName: string | null;
  hostnameAndPort: string | null;
  metricName: string | null;
  currentValue: number | null;
  currentUnits: string | null;
  document: AtlasDocument;
}

/** The statuses by which a project's alerts can be listed. */
export type AlertStatus = 'TRACKING' | 'OPEN' | 'CLOSED';

/** An entry of the activity feed of a project or organisation. Any field except id and time may be missing. */
export interface AtlasEvent {
  id: string;
  /** Milliseconds since the epoch. Atlas gives whole seconds. */
  created: number;
  /** CLUSTER_UPDATE_STARTED, MONGODB_USER_ADDED, …; Atlas adds others. */
  eventTypeName: string | null;
  project: string | null;
  organisation: string | null;
  clusterName: string | null;
  hostname: string | null;
  port: number | null;
  /** The user who caused it, for example by a web page. */
  username: string | null;
  userId: string | null;
  /** The public part of the API key that caused it. */
  publicKey: string | null;
  apiKeyId: string | null;
  /** The service account that caused it. */
  serviceAccountId: string | null;
  remoteAddress: string | null;
  /** Whether an employee of MongoDB caused it. */
  isGlobalAdmin: boolean | null;
  alertId: string | null;
  alertConfigId: string | null;
  targetUsername: string | null;
  targetPublicKey: string | null;
  dbUserUsername: string | null;
  teamId: string | null;
  resourceId: string | null;
  resourceType: string | null;
  document: AtlasDocument;
}

/** One page of the events of a span. */
export interface EventPage {
  /** As Atlas lists them: newest first, as far as is known. */
  entries: AtlasEvent[];
  /** How many events Atlas sent, including unreadable ones. */
  given: number;
  /** Events without a readable id or time. */
  unreadable: UnreadableEntry[];
  /** Whether Atlas announces another page, which may be empty. */
  more: boolean;
}

/** One attempt to authenticate to a host, as Atlas reports it. Any field except the time may be missing. */
export interface AccessLogEntry {
  /** Milliseconds since the epoch. Atlas gives whole seconds. */
  timestamp: number;
  authResult: boolean | null;
  authSource: string | null;
  failureReason: string | null;
  ipAddress: string | null;
  /** The host's own log line: JSON from MongoDB 4.4 on. */
  logLine: string | null;
  username: string | null;
}

/** The access history of a host for a span. */
export interface AccessHistory {
  entries: AccessLogEntry[];
  /** How many entries Atlas sent, including unreadable ones. */
  given: number;
  /** Entries without a readable time. */
  unreadable: UnreadableEntry[];
}

/** One line of the query profiler, as Atlas reports it. Any field except the line may be missing. */
export interface SlowQuery {
  /** When the process logged it, by the line: ms since the epoch. */
  time: number;
  /** The process's own log line: JSON from MongoDB 4.4 on. It contains literal values of the query. */
  line: string;
  /** `database.collection` */
  namespace: string | null;
  /** command, find, update, …; Atlas may add others. */
  opType: string | null;
  /** PRIMARY, SECONDARY, …; Atlas may add others. */
  replicaState: string | null;
  metrics: SlowQueryMetrics;
}

/** What Atlas counts of a slow query. */
export interface SlowQueryMetrics {
  docsExamined: number | null;
  docsReturned: number | null;
  keysExamined: number | null;
  /** Whether a user's connection sent it, and not the cluster itself. */
  fromUserConnection: boolean | null;
  /** Milliseconds. */
  operationExecutionTime: number | null;
  /** Bytes. */
  responseLength: number | null;
}

/** The slow queries of a process for a span. */
export interface SlowQueryHistory {
  entries: SlowQuery[];
  /** How many lines Atlas sent, including unreadable ones. */
  given: number;
  /** Lines without a readable time. */
  unreadable: UnreadableEntry[];
}

export interface UnreadableEntry {
  /** Times in ms of the readable entries before and after it; null if there is none. */
  neighbours: readonly [number | null, number | null];
  /** Distinguishes it from others: its id, or the whole entry as JSON. Null if only its place does. Never stored. */
  identity: string | null;
}

/** The readable items of a list of advice, and how many others there are. */
export interface AdviceList<T> {
  items: T[];
  unreadable: number;
}

/** An index that the Performance Advisor suggests to create. */
export interface SuggestedIndex {
  namespace: string;
  /** The keys in their order, as JSON: `[{"status":1},{"ts":-1}]`. */
  keys: string;
  /** The improvement that Atlas estimates. */
  weight: number | null;
  /** Bytes. */
  avgObjSize: number | null;
  /** How many query shapes it would help. */
  shapes: number;
  /** What Atlas says of these shapes. */
  helped: HelpedShape[];
}

/** A query shape that a suggested index would help: how many queries of it were examined. */
export interface HelpedShape {
  avgMs: number | null;
  count: number | null;
  /** How many documents were read for each one that was returned. */
  inefficiencyScore: number | null;
}

/** An index that the Performance Advisor suggests to remove. */
export interface RemovableIndex {
  reason: 'HIDDEN' | 'REDUNDANT' | 'UNUSED';
  namespace: string;
  /** The keys in their order, as JSON. */
  keys: string;
  name: string | null;
  /** How often the index was used since `since`. */
  accessCount: number | null;
  /** ms since the epoch */
  since: number | null;
  sizeBytes: number | null;
  shards: string[];
}

/** A recommendation of the Performance Advisor for schemas. */
export interface SchemaRecommendation {
  /** REDUCE_LOOKUP_OPS, AVOID_UNBOUNDED_ARRAY, …; Atlas may add others. */
  recommendation: string;
  description: string | null;
  affectedNamespaces: {
    namespace: string | null;
    triggers: { triggerType: string | null; description: string | null }[];
  }[];
}

/** What Query Shape Insights counts of one shape of queries in a span. Any field except the hash may be missing. */
export interface QueryShape {
  hash: string;
  namespace: string | null;
  /** The command: find, aggregate, distinct. */
  command: string | null;
  /** Whether the cluster itself sent the queries. */
  systemQuery: boolean | null;
  execCount: number | null;
  docsExamined: number | null;
  docsReturned: number | null;
  keysExamined: number | null;
  bytesRead: number | null;
  totalWorkingMillis: number | null;
  avgWorkingMillis: number | null;
  /** How long the last query took. */
  lastExecMicros: number | null;
}

/** A span of time; milliseconds since the epoch, whole seconds. */
export interface Span {
  start: number;
  end: number;
}

/** The logs that a host can have: those of mongod and of mongos, and their audit logs. */
export type LogName = 'mongodb' | 'mongos' | 'mongodb-audit-log' | 'mongos-audit-log';

/** A log of a host (without port). */
export interface HostLog {
  hostname: string;
  logName: LogName;
}

/** A line of a log, without its line feed. */
export interface LogLine {
  /** The line, or as much of a longer one as is kept. */
  bytes: Buffer;
  /** Bytes of the whole line. */
  length: number;
  /** The SHA-256 of the whole line. */
  digest: Buffer;
}

/** Takes the lines of a log in their order. */
export interface LogReader {
  /** Returns false when no more lines are needed. */
  add(line: LogLine): boolean;
}

/** The measurements of a collection on a process. */
export interface NamespaceMeasurements {
  /**
   * An ISO 8601 duration that Atlas chose. Requests cannot set it, and it may be a value that is unknown today. Null if
   * Atlas omits it.
   */
  granularity: string | null;
  series: MeasurementSeries[];
}

/** A resource as Atlas sent it. Code that stores it must remove secrets first. */
export type ResourceDocument = Readonly<Record<string, unknown>>;

/** One list of resources, or one resource, as a catalogue describes it. */
export interface ResourceRead {
  /** Identifies the list in errors and logs. Never a name from Atlas. */
  resourceType: string;
  /** The path below `/api/atlas/v2`, not encoded. */
  segments: readonly string[];
  query: readonly (readonly [name: string, value: string])[];
  /** The date of the resource's version, such as `2023-01-01`. */
  version: string;
  /** The form of the response: pages, one array, or one document. */
  response: 'pages' | 'array' | 'document';
  /** What identifies a resource. */
  id: ResourceId;
  /** The rate limit that the read counts towards: MongoDB's name for the set of endpoints, and whom it counts for. */
  limit: { set: string; scope: 'project' | 'organisation'; id: string };
}

/** A query for Cost Explorer. */
export interface CostQuery {
  /** First instants of months, ms; `to` is exclusive. */
  from: number;
  to: number;
  /** Ids of what the costs are for: the whole organisation if neither is set. */
  of: { project?: string; cluster?: string };
}

/** The result of a Cost Explorer query. */
export interface CostUsage {
  details: UsageDetail[];
  /** Services and months of lines that are otherwise unreadable. */
  unreadable: Pick<UsageDetail, 'service' | 'usageDate'>[];
  /** A line does not even show its service and month, so any amount may be too low or missing. */
  hasUnknown: boolean;
}

/** The cost of one service in one month. */
export interface UsageDetail {
  service: string;
  /** The first day of the month, ms. */
  usageDate: number;
  /** As Cost Explorer reports it: US dollars, before credits and tax. */
  usageAmount: number;
}
