import type { AlertConfigurationId, AlertId, OrganisationId, ProcessId, ProjectId } from '../ids.ts';
import type { AtlasError } from './errors.ts';
import type { Listing } from './listing.ts';

/** What the collector asks of Atlas, and in which shape it gets the answers. */

export interface Project {
  id: ProjectId;
  name: string;
  /** The organisation that it belongs to; null where an answer does not say. */
  organisation: OrganisationId | null;
}

export interface Cluster {
  /** Null where Atlas does not say. */
  id: string | null;
  name: string;
  /** The hosts of `connectionStrings.standard`, without ports: the `userAlias` of the cluster's processes. */
  hosts: string[];
  /** M10, M30, …; M0, M2, M5 and FLEX are tenants of shared hardware. Null where Atlas does not say. */
  instanceSize: string | null;
}

/** The type of a process that Atlas has no data of, a host that is down for instance. */
export const NO_DATA = 'NO_DATA';

export interface Process {
  id: ProcessId;
  hostname: string;
  /** The host's name after its cluster; absent in some answers. */
  userAlias: string | null;
  /** REPLICA_PRIMARY, SHARD_MONGOS, NO_DATA, …; Atlas may add others. */
  typeName: string;
  replicaSetName: string | null;
}

/** An ISO 8601 duration that the measurement endpoints accept as `granularity`. */
export type Granularity = 'PT1M' | 'PT5M' | 'PT1H' | 'P1D';

export interface MeasurementWindow {
  granularity: Granularity;
  /** First and last instant asked for, in milliseconds since the epoch; whole seconds. */
  start: number;
  end: number;
}

export interface DataPoint {
  /** Milliseconds since the epoch. Not necessarily aligned to the granularity. */
  timestamp: number;
  value: number | null;
}

/**
 * Characters. Longer than any name that Atlas or MongoDB allows: a host has at most 253, a database 64 bytes. Names
 * are kept in the cursors, where DynamoDB's keys hold 1,024 bytes: 300 characters are 900 at most.
 */
export const LONGEST_NAME = 300;

/** Characters of a measurement's name, which are ASCII; DISK_PARTITION_THROUGHPUT_WRITE has 31. */
export const LONGEST_MEASUREMENT = 100;

export interface MeasurementSeries {
  name: string;
  units: string | null;
  dataPoints: DataPoint[];
}

/** A JSON object as Atlas gave it, its keys in Atlas's order; `links`, which only repeat ids, are left out. */
export type AtlasDocument = Readonly<Record<string, unknown>>;

/** What raises alerts. All instants in ms since the epoch. */
export interface AlertConfiguration {
  id: AlertConfigurationId;
  enabled: boolean | null;
  /** OUTSIDE_METRIC_THRESHOLD, NO_PRIMARY, …; Atlas adds others, and leaves it out of some. */
  eventTypeName: string | null;
  /** Of `metricThreshold`; other kinds have a `threshold` without it, or none. */
  metricName: string | null;
  operator: string | null;
  threshold: number | null;
  thresholdUnits: string | null;
  severityOverride: string | null;
  created: number | null;
  updated: number | null;
  /** The whole of it: its notifications may hold credentials. */
  document: AtlasDocument;
}

/** One alert, from opening to its end. All instants in ms since the epoch. */
export interface Alert {
  id: AlertId;
  configuration: AlertConfigurationId | null;
  /** TRACKING, OPEN, CLOSED or CANCELLED; Atlas may add others. */
  status: string;
  eventTypeName: string | null;
  created: number;
  /** Moves with every evaluation, also of alerts that have long ended. */
  updated: number | null;
  /** When it closed. */
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

/** What the alerts of a project can be asked for by. */
export type AlertStatus = 'TRACKING' | 'OPEN' | 'CLOSED';

/** One attempt to authenticate to a host, as Atlas tells it. Any field but the time may be missing. */
export interface AccessLogEntry {
  /** Milliseconds since the epoch, of which Atlas gives the second. */
  timestamp: number;
  authResult: boolean | null;
  authSource: string | null;
  failureReason: string | null;
  ipAddress: string | null;
  /** The host's own log line: JSON from MongoDB 4.4 on. */
  logLine: string | null;
  username: string | null;
}

/** What a host's access history gives of a span. */
export interface AccessHistory {
  entries: AccessLogEntry[];
  /** How many entries Atlas gave, those that cannot be read included. */
  given: number;
  /** Entries without a time that can be read. */
  unreadable: UnreadableEntry[];
}

export interface UnreadableEntry {
  /** Times of the entries next to it that can be read, ms; null where there is none. */
  neighbours: readonly [number | null, number | null];
  /** The whole of it as JSON: tells it from others, and is kept nowhere. */
  text: string;
}

/** A span of time; milliseconds since the epoch, whole seconds. */
export interface Span {
  start: number;
  end: number;
}

/** What Atlas measured of a collection on a process. */
export interface NamespaceMeasurements {
  /**
   * An ISO 8601 duration, as Atlas chose it: it cannot be asked for, and may be one that is not known today. Null where
   * Atlas does not say.
   */
  granularity: string | null;
  series: MeasurementSeries[];
}

/** A resource as Atlas gave it, unchanged: whoever keeps it leaves secrets out first. */
export type ResourceDocument = Readonly<Record<string, unknown>>;

/** One list of resources, or one resource, as a catalogue describes it. */
export interface ResourceRead {
  /** Names the list in errors and logs; no name from Atlas. */
  resourceType: string;
  /** Below `/api/atlas/v2`, not encoded. */
  segments: readonly string[];
  query: readonly (readonly [name: string, value: string])[];
  /** The date of the resource's version, as `2023-01-01`. */
  version: string;
  /** How the answer gives them: in pages, as one array, or as the one document. */
  answer: 'pages' | 'array' | 'document';
  /** The field that tells one resource from another. */
  idField: string;
  /** Which rate limit the read counts towards: MongoDB's name for the set of endpoints, and whose it is. */
  limit: { set: string; scope: 'project' | 'organisation'; id: string };
}

/** What Cost Explorer is asked. */
export interface CostQuery {
  /** First instants of months, ms; `to` is not part of it. */
  from: number;
  to: number;
  /** What the costs are of: the whole organisation where neither is named. Ids. */
  of: { project?: string; cluster?: string };
}

/** What Cost Explorer answers. */
export interface CostUsage {
  details: UsageDetail[];
  /** Services and months of lines that cannot be read otherwise. */
  unreadable: Pick<UsageDetail, 'service' | 'usageDate'>[];
  /** A line does not even say what it is of: any amount may be too low, or missing. */
  hasUnknown: boolean;
}

/** What one service cost in one month. */
export interface UsageDetail {
  service: string;
  /** The first day of the month, ms. */
  usageDate: number;
  /** As Cost Explorer gives it: US dollars, before credits and tax. */
  usageAmount: number;
}

/** What one run has caused so far. */
export interface Traffic {
  /** HTTP requests sent, retries and token requests included. */
  requests: number;
  /** Answers 429 (or 503 with `Retry-After`), and requests held back because the bucket was down to the reserve. */
  throttled: number;
}

/** What one run met in Atlas's answers that is not a failure and must be reported. */
export interface Remarks {
  /** One line each, for logs and `collection_runs.notes`; no names and no content from Atlas. */
  readonly notes: Set<string>;
  /** Items of lists that were skipped because they could not be read. */
  unreadableItems: number;
  /** Fields that were read as null because of what was in them. */
  nullValues: number;
  /** Counts and notes items that a dataset has to leave out for lack of a field that it needs. */
  leftOut(operation: string, field: string, items: number): void;
}

/**
 * The operations, for the time of one run. Lists are read item by item: what cannot be read is left out and reported. Each follows its pages to the end, retries what can be retried until
 * the run's deadline, and throws one of the errors in `errors.ts`.
 */
export interface AtlasSession {
  listProjects(): Promise<Listing<Project>>;
  listClusters(project: ProjectId): Promise<Listing<Cluster>>;
  listProcesses(project: ProjectId): Promise<Listing<Process>>;
  /** Names of the databases that a mongod serves. */
  listDatabases(project: ProjectId, process: ProcessId): Promise<Listing<string>>;
  /** Names of the partitions of a mongod's host. */
  listDisks(project: ProjectId, process: ProcessId): Promise<Listing<string>>;
  databaseMeasurements(
    project: ProjectId,
    process: ProcessId,
    databaseName: string,
    window: MeasurementWindow,
  ): Promise<MeasurementSeries[]>;
  diskMeasurements(
    project: ProjectId,
    process: ProcessId,
    partitionName: string,
    window: MeasurementWindow,
  ): Promise<MeasurementSeries[]>;
  listAlertConfigurations(project: ProjectId): Promise<Listing<AlertConfiguration>>;
  /** Null where it is there and cannot be read. */
  getAlertConfiguration(
    project: ProjectId,
    configuration: AlertConfigurationId,
  ): Promise<AlertConfiguration | null>;
  /** Open alerts; one that is acknowledged may be missing, though it is still open. */
  listAlertsOfConfiguration(project: ProjectId, configuration: AlertConfigurationId): Promise<Listing<Alert>>;
  /**
   * The project's alerts of one status that were created at or after an instant, oldest first. Only the pages that
   * can hold such alerts are read, whichever end of the list is the newest.
   */
  listAlertsSince(project: ProjectId, status: AlertStatus, since: number): Promise<Listing<Alert>>;
  /** An alert in whatever status; null where it is there and cannot be read. */
  getAlert(project: ProjectId, alert: AlertId): Promise<Alert | null>;
  /** Of a host without port; both ends in ms. 20,000 entries mean that there are more. */
  accessHistory(project: ProjectId, hostname: string, span: Span): Promise<AccessHistory>;
  /**
   * The namespaces of a mongod by total execution time in the span, the hottest first, as `database.collection`. Empty
   * where Atlas has none, or none yet. Null stands for a name that cannot be read.
   */
  rankedNamespaces(project: ProjectId, process: ProcessId, span: Span): Promise<(string | null)[]>;
  /** Operations and latencies of one collection on a mongod: every series that Atlas has. */
  namespaceMeasurements(
    project: ProjectId,
    process: ProcessId,
    databaseName: string,
    collectionName: string,
    span: Span,
  ): Promise<NamespaceMeasurements>;
  /** Costs by service and month. Atlas takes some seconds to answer, which are waited for. */
  costUsage(organisation: OrganisationId, query: CostQuery): Promise<CostUsage>;
  /** All resources of a list. */
  listResources(read: ResourceRead): Promise<Listing<ResourceDocument>>;
  /**
   * Makes sure that Atlas has said within the last minutes what time it is. Returns why no request can be sent, if so;
   * `now` may be the clock's time then.
   */
  learnTime(): Promise<AtlasError | null>;
  /** The clock's time, or Atlas's where that is not as far: nothing is read beyond it. */
  now(): number;
  /** The latest time that Atlas's clock can show now; undefined while none of its answers has said it. */
  latest(): number | undefined;
  readonly traffic: Readonly<Traffic>;
  readonly remarks: Readonly<Remarks>;
}

/** What proves to Atlas who asks. Either kind needs no more than the role Project Read Only. */
export type AtlasCredentials =
  | { kind: 'service-account'; clientId: string; clientSecret: string }
  | { kind: 'api-key'; publicKey: string; privateKey: string };

/** Where the client reports. It never hands a credential, or a name that came from Atlas, to `info` or `warn`. */
export interface AtlasLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** One for each process: holds the connections, the token and what is known of the rate limits. */
export interface AtlasClient {
  /** `deadline`: the clock's time after which nothing is sent or waited for any more. */
  session(limits: { deadline: number }): AtlasSession;
  /** The clock's time, or Atlas's where that is not as far. */
  now(): number;
  close(): Promise<void>;
}
