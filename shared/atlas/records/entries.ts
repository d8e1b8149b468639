import type { AtlasDocument } from './document.ts';

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
