import { createHash } from 'node:crypto';
import {
  type LogType,
  type SettledLine,
  type SettledMessage,
  settledMessages,
} from '../../simulator/logs.ts';
import type { Organisation, Process } from '../../simulator/organisation.ts';
import { lakeTime } from './times.ts';

/** Computes the rows of logs that the lake must have, from the simulator's arithmetic alone. */

/** A line that the lake must have, with its record id. */
export interface ExpectedLine {
  id: string;
  message: SettledMessage;
  line: SettledLine;
}

/** Returns Atlas's name of a log of a process. */
export function logNameOf({ typeName }: Process, type: LogType): string {
  return `${typeName === 'SHARD_MONGOS' ? 'mongos' : 'mongodb'}${type === 'audit' ? '-audit-log' : ''}`;
}

/** Returns the lines of a log in [from, to). Equal lines of one time are numbered. */
export function expectedLines(
  organisation: Organisation,
  process: Process,
  type: LogType,
  span: readonly [number, number],
): ExpectedLine[] {
  const counts = new Map<string, number>();
  const logName = logNameOf(process, type);
  return settledMessages(organisation, process, type, span).flatMap((message) =>
    message.lines.map((line) => {
      const digest = createHash('sha256').update(line.bytes).digest('base64');
      const key = JSON.stringify([process.hostname, logName, message.time, digest]);
      const number = (counts.get(key) ?? 0) + 1;
      counts.set(key, number);
      const id = createHash('sha256').update(`${key}${number}`).digest('hex').slice(0, 32);
      return { id, message, line };
    }),
  );
}

/** The columns of a log that have values only if a line is wholly JSON. */
const CONTENT: Readonly<Record<LogType, readonly string[]>> = {
  messages: ['severity', 'component', 'log_id', 'context', 'message', 'attributes', 'further_fields'],
  audit: [
    'atype',
    'local_address',
    'local_port',
    'remote_address',
    'remote_port',
    'username',
    'user_database',
    'users',
    'roles',
    'param',
    'result',
    'further_fields',
  ],
};

/** Returns the row of a line, without the time of its collection. */
export function expectedLine(
  project: string,
  process: Process,
  type: LogType,
  { id, message, line }: ExpectedLine,
): Record<string, unknown> {
  const { bytes, content } = line;
  return {
    project_id: project,
    cluster_name: process.clusterName,
    hostname: process.hostname,
    log_name: logNameOf(process, type),
    ts: lakeTime(message.time),
    ...(content ?? Object.fromEntries(CONTENT[type].map((column) => [column, null]))),
    raw_line: content ? null : bytes.toString('utf8'),
    line_bytes: bytes.length,
    record_id: id,
  };
}
