import { parseInstant } from '../../shared/instant.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { JsonLine, unlessTooDeep } from '../../shared/logs/json-line.ts';
import type { LogContext, LogEntry, LogKind } from '../../shared/logs/log-kind.ts';
import { hostLogs } from './tables.ts';

/** The start of a line since MongoDB 4.4. A truncated line still has it. */
const STRUCTURED = /^\{\s{0,4}"t"\s{0,4}:\s{0,4}\{\s{0,4}"\$date"\s{0,4}:\s{0,4}"([^"]{1,40})"/;

/** The start of a line of earlier versions. */
const PLAIN = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d)) /;

export const hostLogKind: LogKind = {
  table: hostLogs,
  logNames: { mongod: 'mongodb', mongos: 'mongos' },
  timeOf: (start) => parseInstant((STRUCTURED.exec(start) ?? PLAIN.exec(start))?.[1]),
  rowOf,
};

type Fields = Pick<
  RowOf<typeof hostLogs>,
  'severity' | 'component' | 'log_id' | 'context' | 'message' | 'attributes' | 'further_fields' | 'raw_line'
>;

/** Returns the row of a line. A line that is not wholly JSON stays as it is. */
function rowOf(
  entry: LogEntry,
  { project, clusterName, hostname, logName, collectedAt }: LogContext,
): RowOf<typeof hostLogs> {
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
  if (line?.takeTime('t') !== time) return null;
  return {
    severity: line.takeText('s'),
    component: line.takeText('c'),
    log_id: line.takeInteger('id'),
    context: line.takeText('ctx'),
    message: line.takeText('msg'),
    attributes: line.takeJson('attr'),
    further_fields: line.rest(),
    raw_line: null,
  };
}

function rawFields({ text }: LogEntry): Fields {
  return {
    severity: null,
    component: null,
    log_id: null,
    context: null,
    message: null,
    attributes: null,
    further_fields: null,
    raw_line: text,
  };
}
