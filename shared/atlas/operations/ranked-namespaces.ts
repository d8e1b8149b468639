import type { ProcessId, ProjectId } from '../../ids.ts';
import type { NamespaceMeasurements, Span } from '../api.ts';
import { forgiving, ListRemarks } from '../items.ts';
import { type QueryParameter, wholeSeconds } from '../paths.ts';
import { collectionMetricsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import * as schemas from '../schemas/ranked-namespaces.ts';
import { measurementRemarks, seriesOf } from './measurements.ts';

export async function rankedNamespaces(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  span: Span,
): Promise<(string | null)[]> {
  const read = {
    operation: 'rankedNamespaces',
    bucket: collectionMetricsBucket(project),
    segments: ['groups', project, 'processes', process, 'collStats', 'namespaces'],
    query: spanQuery(span),
  };
  const names = await atlas.get(read, schemas.rankedNamespaces);
  const remarks = new ListRemarks(read.operation, ['rankedNamespaces'], atlas.remarks);
  const readable = names.map((name, index) => {
    // A name that no request can contain, even an empty one, keeps its rank. Half of a surrogate pair is not Unicode.
    if (typeof name === 'string') return name.toWellFormed();
    remarks.skipped({ path: [index], expected: 'expected string' });
    return null;
  });
  if (readable.length === 0 || readable.some((name) => name !== null)) return readable;
  const fault = { path: ['rankedNamespaces'], expected: 'no name can be read' };
  throw shapeError(fault, { operation: read.operation, attempts: 1 });
}

/**
 * Omits `metrics`, which is optional: without it, one request returns every series (MongoDB's documentation). A list of
 * names would miss what Atlas adds, and the whole request would fail when Atlas drops one.
 */
export async function namespaceMeasurements(
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
  const document = await atlas.get(read, schemas.namespaceMeasurements);
  const fields = forgiving(schemas.namespaceFields, document);
  if ('fault' in fields) throw shapeError(fields.fault, { operation: read.operation, attempts: 1 });
  for (const fault of fields.nulls) atlas.remarks.readAsNull(read.operation, fault);
  const remarks = measurementRemarks(read.operation, atlas.remarks);
  const series = seriesOf(document.measurements, read.operation, remarks);
  return { granularity: fields.value.granularity, series, unreadable: remarks.unreadable };
}

function spanQuery({ start, end }: Span): QueryParameter[] {
  return [
    ['start', wholeSeconds(start)],
    ['end', wholeSeconds(end)],
  ];
}
