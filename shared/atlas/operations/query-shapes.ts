import type { ProjectId } from '../../ids.ts';
import type { QueryShape, Span } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { queryShapeInsightsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import { readQueryShapes, queryShapes as schema } from '../schemas/query-shapes.ts';

/** The most shapes of a response (the specified maximum of `nSummaries`). There are no pages. */
export const MAX_SHAPES = 100;

/** More unreadable shapes than this, and no readable one, mean that the format changed. The read then fails. */
const MAX_UNREADABLE = 10;

/**
 * Reads the query shapes of a cluster in a span, in the order of the response.
 *
 * @param span first and last instant, ms since the epoch; whether either is inclusive is not documented
 */
export async function queryShapes(
  atlas: Requester,
  project: ProjectId,
  cluster: string,
  { start, end }: Span,
): Promise<(QueryShape | null)[]> {
  const read = {
    operation: 'queryShapes',
    version: '2025-03-12',
    bucket: queryShapeInsightsBucket(project),
    segments: ['groups', project, 'clusters', cluster, 'queryShapeInsights', 'summaries'],
    query: [
      ['since', String(start)],
      ['until', String(end)],
      ['nSummaries', String(MAX_SHAPES)],
    ],
  } as const;
  const list = await atlas.get(read, schema);
  const shapes = readQueryShapes(list, new ListRemarks(read.operation, ['summaries'], atlas.remarks));
  if (shapes.length > MAX_UNREADABLE && shapes.every((shape) => shape === null)) {
    throw shapeError({ path: ['summaries'], expected: 'no shape has a hash' }, { ...read, attempts: 1 });
  }
  return shapes;
}
