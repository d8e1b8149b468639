import type { ProjectId } from '../../ids.ts';
import type { AdviceList, RemovableIndex, SchemaRecommendation, Span, SuggestedIndex } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { performanceAdvisorBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import * as schemas from '../schemas/performance-advisor.ts';

/** The version of the Performance Advisor of clusters, from the API's specification. */
const VERSION = '2024-08-05';

/** More unreadable items than this, and no readable one, mean that the format changed. The read then fails. */
const MAX_UNREADABLE = 10;

/**
 * Reads which indexes the Performance Advisor suggests for the queries of a cluster in a span.
 *
 * @param span first and last instant, ms since the epoch; whether either is inclusive is not documented
 */
export async function suggestedIndexes(
  atlas: Requester,
  project: ProjectId,
  cluster: string,
  { start, end }: Span,
): Promise<AdviceList<SuggestedIndex>> {
  const read = {
    ...advisor(project, cluster, 'suggestedIndexes'),
    query: [
      ['since', String(start)],
      ['until', String(end)],
    ],
  } as const;
  const remarks = (list: string) => new ListRemarks(read.operation, [list], atlas.remarks);
  const response = await atlas.get(read, schemas.suggestedIndexes);
  const list = schemas.readSuggestedIndexes(response, {
    indexes: remarks('suggestedIndexes'),
    shapes: remarks('shapes'),
  });
  return known(list, read.operation);
}

/** Reads which indexes of a cluster could be removed, as of now: the response is about no span. */
export async function removableIndexes(
  atlas: Requester,
  project: ProjectId,
  cluster: string,
): Promise<AdviceList<RemovableIndex>> {
  const read = { ...advisor(project, cluster, 'dropIndexSuggestions'), query: [] };
  const response = await atlas.get(read, schemas.removableIndexes);
  const list = schemas.readRemovableIndexes(
    response,
    (name) => new ListRemarks(read.operation, [name], atlas.remarks),
  );
  return known(list, read.operation);
}

/** Reads what the Performance Advisor recommends for the schemas of a cluster, as of now. */
export async function schemaAdvice(
  atlas: Requester,
  project: ProjectId,
  cluster: string,
): Promise<AdviceList<SchemaRecommendation>> {
  const read = { ...advisor(project, cluster, 'schemaAdvice'), query: [] };
  const response = await atlas.get(read, schemas.schemaAdvice);
  const remarks = new ListRemarks(read.operation, ['recommendations'], atlas.remarks);
  return known(schemas.readSchemaAdvice(response, remarks), read.operation);
}

function advisor(project: ProjectId, cluster: string, operation: string) {
  return {
    operation,
    version: VERSION,
    bucket: performanceAdvisorBucket(project),
    segments: ['groups', project, 'clusters', cluster, 'performanceAdvisor', operation],
  };
}

function known<T>(list: AdviceList<T>, operation: string): AdviceList<T> {
  if (list.items.length > 0 || list.unreadable <= MAX_UNREADABLE) return list;
  throw shapeError({ path: [], expected: 'no item can be read' }, { operation, attempts: 1 });
}
