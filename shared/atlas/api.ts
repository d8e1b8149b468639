import type { AlertConfigurationId, AlertId, OrganisationId, ProcessId, ProjectId, Subject } from '../ids.ts';
import type { AtlasError } from './errors.ts';
import type { Listing } from './listing.ts';
import type {
  AccessHistory,
  AdviceList,
  Alert,
  AlertConfiguration,
  AlertStatus,
  Cluster,
  CostQuery,
  CostUsage,
  EventPage,
  HostLog,
  LogReader,
  MeasurementSeries,
  MeasurementWindow,
  NamespaceMeasurements,
  Process,
  Project,
  QueryShape,
  RemovableIndex,
  ResourceDocument,
  ResourceRead,
  SchemaRecommendation,
  SlowQueryHistory,
  Span,
  SuggestedIndex,
} from './records.ts';

export * from './records.ts';

/** The requests of one run so far. */
export interface Traffic {
  /** HTTP requests sent, including retries and token requests. */
  requests: number;
  /**
   * Responses with 429 (or 503 with `Retry-After`), and requests delayed because the bucket was down to the reserve.
   */
  throttled: number;
}

/** What one run found in Atlas's responses that is not a failure but must be reported. */
export interface Remarks {
  /** One line each, for logs and `collection_runs.notes`. No names or content from Atlas. */
  readonly notes: Set<string>;
  /** Items of lists that were skipped because they were unreadable. */
  unreadableItems: number;
  /** Fields that count as null because their values have the wrong type. */
  nullValues: number;
  /** Counts and notes items that a dataset has to leave out for lack of a field that it needs. */
  leftOut(operation: string, field: string, items: number): void;
}

/**
 * The operations of the client for one run. Each reads all pages, retries transient failures until the run's deadline,
 * and throws one of the errors in `errors.ts`. Lists are read item by item: unreadable items are omitted and reported.
 */
export interface AtlasSession {
  listProjects(): Promise<Listing<Project>>;
  listClusters(project: ProjectId): Promise<Listing<Cluster>>;
  listProcesses(project: ProjectId): Promise<Listing<Process>>;
  /** Lists the names of the databases of a mongod. */
  listDatabases(project: ProjectId, process: ProcessId): Promise<Listing<string>>;
  /** Lists the names of the partitions of a mongod's host. */
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
  /** Returns every series of a mongod or mongos itself. Which series there are depends on its type and tier. */
  processMeasurements(
    project: ProjectId,
    process: ProcessId,
    window: MeasurementWindow,
  ): Promise<MeasurementSeries[]>;
  /** Returns every series of Atlas Search on the host of a process: of its hardware, then of its status. */
  searchMeasurements(
    project: ProjectId,
    process: ProcessId,
    window: MeasurementWindow,
  ): Promise<MeasurementSeries[]>;
  listAlertConfigurations(project: ProjectId): Promise<Listing<AlertConfiguration>>;
  /** Returns null if the configuration exists but is unreadable. */
  getAlertConfiguration(
    project: ProjectId,
    configuration: AlertConfigurationId,
  ): Promise<AlertConfiguration | null>;
  /** Lists open alerts. May miss an acknowledged alert that is still open. */
  listAlertsOfConfiguration(project: ProjectId, configuration: AlertConfigurationId): Promise<Listing<Alert>>;
  /**
   * Lists the project's alerts of one status that were created at or after an instant, oldest first. Reads only the
   * pages that can contain such alerts, whichever end of the list is the newest.
   */
  listAlertsSince(project: ProjectId, status: AlertStatus, since: number): Promise<Listing<Alert>>;
  /** Returns an alert of any status; null if it exists but is unreadable. */
  getAlert(project: ProjectId, alert: AlertId): Promise<Alert | null>;
  /** Reads the access history of a host (without port) for a span in ms. 20,000 entries mean that there are more. */
  accessHistory(project: ProjectId, hostname: string, span: Span): Promise<AccessHistory>;
  /** Reads the slow queries of a process in a span in ms. 20,000 lines mean that there are more. */
  slowQueries(project: ProjectId, process: ProcessId, span: Span): Promise<SlowQueryHistory>;
  /**
   * Reads one page of the events of a project or organisation in a span.
   *
   * @param page from 1
   */
  listEvents(subject: Subject, span: Span, page: number): Promise<EventPage>;
  /**
   * Reads the lines of a host's log in a span, which is whole seconds. Atlas may return lines of other times, too.
   *
   * @param newReader returns what takes the lines; called for each attempt, because each starts from the beginning
   */
  readLog(project: ProjectId, log: HostLog, span: Span, newReader: () => LogReader): Promise<void>;
  /**
   * Returns the namespaces of a mongod by total execution time in the span, the hottest first, as
   * `database.collection`. Empty if Atlas has none, or none yet. Null stands for an unreadable name.
   */
  rankedNamespaces(project: ProjectId, process: ProcessId, span: Span): Promise<(string | null)[]>;
  /** Returns operations and latencies of one collection on a mongod: every series that Atlas has. */
  namespaceMeasurements(
    project: ProjectId,
    process: ProcessId,
    databaseName: string,
    collectionName: string,
    span: Span,
  ): Promise<NamespaceMeasurements>;
  /** Returns the indexes that the Performance Advisor suggests for a cluster's queries in the span, in ms. */
  suggestedIndexes(project: ProjectId, cluster: string, span: Span): Promise<AdviceList<SuggestedIndex>>;
  /** Returns the indexes of a cluster that could be removed now. */
  removableIndexes(project: ProjectId, cluster: string): Promise<AdviceList<RemovableIndex>>;
  /** Returns what the Performance Advisor recommends for a cluster's schemas now. */
  schemaAdvice(project: ProjectId, cluster: string): Promise<AdviceList<SchemaRecommendation>>;
  /**
   * Returns the query shapes of a cluster in the span, in ms, in Atlas's order and at most 100. Null stands for an
   * unreadable one.
   */
  queryShapes(project: ProjectId, cluster: string, span: Span): Promise<(QueryShape | null)[]>;
  /** Returns costs by service and month. Waits some seconds for Atlas to compute them. */
  costUsage(organisation: OrganisationId, query: CostQuery): Promise<CostUsage>;
  /** Reads all resources of a list. */
  listResources(read: ResourceRead): Promise<Listing<ResourceDocument>>;
  /**
   * Makes sure that a response of the last minutes has shown Atlas's time. Returns the error if no request can be sent;
   * `now` may then return the local clock's time.
   */
  learnTime(): Promise<AtlasError | null>;
  /** Returns the local clock's time, or Atlas's if that is earlier. Nothing is read beyond it. */
  now(): number;
  /** Returns the latest time that Atlas's clock can show now; undefined until a response has shown it. */
  latest(): number | undefined;
  readonly traffic: Readonly<Traffic>;
  readonly remarks: Readonly<Remarks>;
}

/** The credentials of the client. Either kind needs only the role Project Read Only. */
export type AtlasCredentials =
  | { kind: 'service-account'; clientId: string; clientSecret: string }
  | { kind: 'api-key'; publicKey: string; privateKey: string };

/** The client's log. `info` and `warn` never receive a credential or a name from Atlas. */
export interface AtlasLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** The client, one for each process. Holds the connections, the token and the state of the rate limits. */
export interface AtlasClient {
  /** @param limits `deadline`: the clock's time after which the session neither sends nor waits */
  session(limits: { deadline: number }): AtlasSession;
  /** Returns the local clock's time, or Atlas's if that is earlier. */
  now(): number;
  close(): Promise<void>;
}
