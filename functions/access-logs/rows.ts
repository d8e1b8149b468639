import type { AccessLogEntry } from '../../shared/atlas/api.ts';
import { SECOND } from '../../shared/durations.ts';
import type { NewEntry } from '../../shared/histories/merge.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { parseLogLine } from './log-line.ts';
import type { accessLogs } from './tables.ts';

export interface RowContext {
  project: string;
  hostname: string;
  clusterName: string | null;
  collectedAt: number;
}

/** Returns the row of an entry. When its line cannot be read, the row has only the fields that Atlas returned. */
export function rowOf(
  { entry, recordId }: NewEntry<AccessLogEntry>,
  { project, hostname, clusterName, collectedAt }: RowContext,
): RowOf<typeof accessLogs> {
  const line = parseLogLine(entry.logLine);
  // Atlas returns the line's time without milliseconds. A line whose time differs by more is not from this entry.
  const isOwn = line.time !== null && Math.abs(line.time - entry.timestamp) < SECOND;
  return {
    project_id: project,
    cluster_name: clusterName,
    hostname,
    ts: isOwn && line.time !== null ? line.time : entry.timestamp,
    auth_result: entry.authResult,
    auth_source: entry.authSource,
    username: entry.username,
    ip_address: entry.ipAddress,
    failure_reason: entry.failureReason,
    mechanism: line.mechanism,
    app_name: line.appName,
    driver_name: line.driverName,
    driver_version: line.driverVersion,
    log_line: entry.logLine,
    record_id: recordId,
    collected_at: collectedAt,
  };
}
