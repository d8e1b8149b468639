import { parseInstant } from '../../shared/instant.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { JsonLine, unlessTooDeep } from '../../shared/logs/json-line.ts';
import type { LogContext, LogEntry, LogKind } from '../../shared/logs/log-kind.ts';
import { auditLogs } from './tables.ts';

/** The start of a line. A truncated line still has it. */
const START =
  /^\{\s{0,4}"atype"\s{0,4}:\s{0,4}"[^"]{0,100}"\s{0,4},\s{0,4}"ts"\s{0,4}:\s{0,4}\{\s{0,4}"\$date"\s{0,4}:\s{0,4}"([^"]{1,40})"/;

export const auditLogKind: LogKind = {
  table: auditLogs,
  logNames: { mongod: 'mongodb-audit-log', mongos: 'mongos-audit-log' },
  timeOf: (start) => parseInstant(START.exec(start)?.[1]),
  rowOf,
};

type Fields = Omit<
  RowOf<typeof auditLogs>,
  'project_id' | 'cluster_name' | 'hostname' | 'log_name' | 'ts' | 'line_bytes' | 'record_id' | 'collected_at'
>;

/** Returns the row of a line. A line that is not wholly JSON stays as it is. */
function rowOf(
  entry: LogEntry,
  { project, clusterName, hostname, logName, collectedAt }: LogContext,
): RowOf<typeof auditLogs> {
  const fields = (entry.isCut ? null : unlessTooDeep(() => fieldsOf(entry))) ?? rawFields(entry);
  return {
    project_id: project,
    cluster_name: clusterName,
    hostname,
    log_name: logName,
    ts: entry.time,
    ...fields,
    line_bytes: entry.bytes,
    record_id: entry.recordId,
    collected_at: collectedAt,
  };
}

function fieldsOf({ text, time }: LogEntry): Fields | null {
  const line = JsonLine.parse(text);
  if (line?.takeTime('ts') !== time) return null;
  const [local, remote] = [endOf(line, 'local'), endOf(line, 'remote')];
  const user = line.firstOf('users');
  return {
    atype: line.takeText('atype'),
    local_address: local.address,
    local_port: local.port,
    remote_address: remote.address,
    remote_port: remote.port,
    username: user?.takeText('user') ?? null,
    user_database: user?.takeText('db') ?? null,
    users: line.takeJson('users'),
    roles: line.takeJson('roles'),
    param: line.takeJson('param'),
    result: line.takeInteger('result'),
    further_fields: line.rest(),
    raw_line: null,
  };
}

/** Takes one end of a connection. An end of another form stays. */
function endOf(line: JsonLine, name: string): { address: string | null; port: number | null } {
  return (
    line.takeIf(name, (end) => {
      const address = end.takeText('ip') ?? end.takeText('unix');
      const port = end.takeInteger('port');
      return address !== null && end.isEmpty ? { address, port } : null;
    }) ?? { address: null, port: null }
  );
}

function rawFields({ text }: LogEntry): Fields {
  return {
    atype: null,
    local_address: null,
    local_port: null,
    remote_address: null,
    remote_port: null,
    username: null,
    user_database: null,
    users: null,
    roles: null,
    param: null,
    result: null,
    further_fields: null,
    raw_line: text,
  };
}
