import type { LogName } from '../atlas/api.ts';
import type { AnyRow, Table } from '../lake/table.ts';
import type { ProcessKind } from '../sources/processes.ts';

/** A line of a log that lies in the requested window. */
export interface LogEntry {
  /** The time of the line, or of the line before it if it has none; ms since the epoch. */
  time: number;
  /** The line without invalid UTF-8; only its beginning if `isCut`. */
  text: string;
  isCut: boolean;
  /** Bytes of the whole line in the log. */
  bytes: number;
  /** Tells it apart from the other lines of its log. */
  recordId: string;
}

/** What every row of a log says beside its line. */
export interface LogContext {
  project: string;
  clusterName: string | null;
  hostname: string;
  logName: string;
  collectedAt: number;
}

/** A kind of log, with its table. */
export interface LogKind {
  table: Table;
  /** Atlas's name of the log of each kind of process. */
  logNames: Readonly<Record<ProcessKind, LogName>>;
  /** Returns the time in the first bytes of a line, ms since the epoch; undefined if there is none. Never throws. */
  timeOf(start: string): number | undefined;
  rowOf(entry: LogEntry, context: LogContext): AnyRow;
}
