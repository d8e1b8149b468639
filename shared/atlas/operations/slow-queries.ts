import type { ProcessId, ProjectId } from '../../ids.ts';
import type { SlowQueryHistory, Span } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { performanceAdvisorBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import { readSlowQueries, slowQueries as schema } from '../schemas/slow-queries.ts';
import { reportStrays } from '../strays.ts';

/**
 * The most lines that a response has (the specified maximum of `nLogs`). There are no pages: a response with this many
 * means that Atlas omitted others of the same span.
 */
export const MAX_LINES = 20_000;

/** More unreadable lines than this, and no readable one, mean that the format changed. The read then fails. */
const MAX_UNREADABLE = 10;

/** The version of the slow queries, from the API's specification. */
const SLOW_QUERIES_VERSION = '2023-01-01';

/**
 * Reads the log lines of slow queries that a process logged in a span. Their order is not documented.
 *
 * @param span first and last instant, ms since the epoch; whether either is inclusive is not documented
 */
export async function slowQueries(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  { start, end }: Span,
): Promise<SlowQueryHistory> {
  const read = {
    operation: 'slowQueries',
    version: SLOW_QUERIES_VERSION,
    bucket: performanceAdvisorBucket(project),
    segments: ['groups', project, 'processes', process, 'performanceAdvisor', 'slowQueryLogs'],
    query: [
      ['since', String(start)],
      ['duration', String(end - start)],
      ['nLogs', String(MAX_LINES)],
      ['includeMetrics', 'true'],
      ['includeReplicaState', 'true'],
      ['includeOpType', 'true'],
    ],
  } as const;
  const list = await atlas.get(read, schema);
  const remarks = new ListRemarks(read.operation, ['slowQueries'], atlas.remarks);
  const history = readSlowQueries(list, remarks);
  if (history.entries.length === 0 && history.unreadable.length > MAX_UNREADABLE) {
    throw shapeError({ path: ['slowQueries'], expected: 'no line has a time' }, { ...read, attempts: 1 });
  }
  const times = history.entries.map(({ time }) => time);
  reportStrays(times, { start, end }, { remarks, field: 'line' });
  return history;
}
