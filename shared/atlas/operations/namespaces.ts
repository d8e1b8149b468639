import type { ProcessId, ProjectId } from '../../ids.ts';
import type { NamespaceMeasurements, Span } from '../api.ts';
import { type QueryParameter, wholeSeconds } from '../paths.ts';
import { collectionMetricsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import * as schemas from '../schemas/namespaces.ts';

export function rankedNamespaces(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  span: Span,
): Promise<string[]> {
  const read = {
    operation: 'rankedNamespaces',
    bucket: collectionMetricsBucket(project),
    segments: ['groups', project, 'processes', process, 'collStats', 'namespaces'],
    query: spanQuery(span),
  };
  return atlas.get(read, schemas.rankedNamespaces);
}

/**
 * No `metrics`: the parameter is optional, and without it one request returns every series (MongoDB's documentation of
 * the operation). A list of names here would miss what Atlas adds, and fail as a whole when Atlas drops one.
 */
export function namespaceMeasurements(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  databaseName: string,
  collectionName: string,
  span: Span,
): Promise<NamespaceMeasurements> {
  const place = ['groups', project, 'processes', process];
  const read = {
    operation: 'namespaceMeasurements',
    bucket: collectionMetricsBucket(project),
    segments: [...place, databaseName, collectionName, 'collStats', 'measurements'],
    query: spanQuery(span),
  };
  return atlas.get(read, schemas.namespaceMeasurements);
}

function spanQuery({ start, end }: Span): QueryParameter[] {
  return [
    ['start', wholeSeconds(start)],
    ['end', wholeSeconds(end)],
  ];
}
