import { createHash } from 'node:crypto';
import type { Organisation, Process } from '../../simulator/organisation.ts';
import { type SettledQuery, settledQueries } from '../../simulator/slow-queries.ts';
import { lakeTime } from './times.ts';

/** Computes the rows of slow queries that the lake must have, from the simulator's arithmetic alone. */

export interface ExpectedQuery {
  id: string;
  query: SettledQuery;
  /** The first instant at which a client can read this line, or as many lines that differ only in values. */
  visibleFrom: number;
}

/**
 * Returns the lines of a process in [from, to), equal lines once. If values are redacted, lines that differ only in
 * values are numbered in the order in which they appear.
 */
export function expectedQueries(
  organisation: Organisation,
  process: Process,
  [from, to]: readonly [number, number],
  isRedacted: boolean,
): ExpectedQuery[] {
  const lines = new Map<string, SettledQuery>();
  for (const query of settledQueries(organisation, process, from, to)) {
    const key = JSON.stringify([query.line, ...restOf(query)]);
    const known = lines.get(key);
    if (!known || query.visibleFrom < known.visibleFrom) lines.set(key, query);
  }
  const counts = new Map<string, number>();
  return [...lines.values()]
    .sort((a, b) => a.visibleFrom - b.visibleFrom)
    .map((query) => {
      const { visibleFrom } = query;
      if (!isRedacted)
        return {
          id: recordId([process.id, query.line, ...restOf(query)]),
          query,
          visibleFrom,
        };
      const known = [process.id, redactedLine(query), ...restOf(query)];
      const key = JSON.stringify(known);
      const number = (counts.get(key) ?? 0) + 1;
      counts.set(key, number);
      return { id: recordId([...known, number]), query, visibleFrom };
    })
    .sort((a, b) => a.query.time - b.query.time);
}

function recordId(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Returns what identifies a line besides its text: its namespace, and, if it is cut off, the metrics in the order of the id. */
function restOf({ namespace, metrics, content }: SettledQuery): unknown[] {
  if (content) return [namespace];
  const { docsExamined, docsReturned, keysExamined, fromUserConnection } = metrics;
  const { operationExecutionTime, responseLength } = metrics;
  return [
    namespace,
    {
      docsExamined,
      docsReturned,
      keysExamined,
      fromUserConnection,
      operationExecutionTime,
      responseLength,
    },
  ];
}

/** Returns the row of a slow query, without the time of its collection. */
export function expectedQuery(
  project: string,
  process: Process,
  { id, query }: Pick<ExpectedQuery, 'id' | 'query'>,
  isRedacted: boolean,
): Record<string, unknown> {
  const { content, metrics } = query;
  const shape = content?.query.originatingShape ?? content?.query.shape;
  return {
    project_id: project,
    cluster_name: process.clusterName,
    process_id: process.id,
    ts: lakeTime(query.time),
    namespace: query.namespace,
    op_type: query.opType,
    replica_state: query.replicaState,
    duration_ms: metrics.operationExecutionTime,
    docs_examined: metrics.docsExamined,
    docs_returned: metrics.docsReturned,
    keys_examined: metrics.keysExamined,
    response_bytes: metrics.responseLength,
    is_user_query: metrics.fromUserConnection,
    plan_summary: content?.query.plan ?? null,
    query_shape: shape ? JSON.stringify(shape) : null,
    query_hash: content?.hashes.queryHash ?? null,
    plan_cache_key: content?.hashes.planCacheKey ?? null,
    has_sort_stage: content?.query.flags['hasSortStage'] ?? null,
    app_name: isRedacted ? null : (content?.application ?? null),
    log_line: isRedacted ? redactedLine(query) : query.line,
    record_id: id,
  };
}

/** Returns a line without its values. */
function redactedLine({ time, content }: SettledQuery): string {
  const t = { $date: new Date(time).toISOString() };
  if (!content) return JSON.stringify({ t, redacted: 'a line that is not JSON' });
  const { connection, query, counts, hashes, storage } = content;
  const attr = {
    type: query.type,
    command: query.shape,
    ...(query.originatingShape && { originatingCommand: query.originatingShape }),
    planSummary: query.plan,
    ...inOrder(counts, [
      ...['keysExamined', 'docsExamined', 'numYields', 'nreturned', 'reslen', 'planningTimeMicros'],
      ...['cpuNanos', 'workingMillis', 'durationMillis'],
    ]),
    isFromUserConnection: true,
    ...inOrder(query.flags, ['cursorExhausted', 'hasSortStage', 'usedDisk']),
    ...hashes,
    storage: { data: storage },
  };
  return JSON.stringify({
    t,
    s: 'I',
    c: 'COMMAND',
    id: 51803,
    ctx: `conn${connection}`,
    msg: 'Slow query',
    attr,
  });
}

function inOrder<Value>(fields: Readonly<Record<string, Value>>, names: readonly string[]) {
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
}
