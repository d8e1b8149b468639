import type { ProcessId, ProjectId } from '../../ids.ts';
import type { MeasurementSeries, MeasurementWindow } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { type QueryParameter, wholeSeconds } from '../paths.ts';
import { monitoringBucket } from '../rate-limit/sets.ts';
import type { SessionRemarks } from '../remarks.ts';
import type { ApiRead, Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import * as schemas from '../schemas/measurements.ts';

export function databaseMeasurements(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  databaseName: string,
  window: MeasurementWindow,
): Promise<MeasurementSeries[]> {
  const read = {
    operation: 'databaseMeasurements',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'databases', databaseName, 'measurements'],
    query: windowQuery(window),
  };
  return readMeasurements(atlas, read);
}

export function diskMeasurements(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  partitionName: string,
  window: MeasurementWindow,
): Promise<MeasurementSeries[]> {
  const read = {
    operation: 'diskMeasurements',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'disks', partitionName, 'measurements'],
    query: windowQuery(window),
  };
  return readMeasurements(atlas, read);
}

export function processMeasurements(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  window: MeasurementWindow,
): Promise<MeasurementSeries[]> {
  const read = {
    operation: 'processMeasurements',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'measurements'],
    query: windowQuery(window),
  };
  return readMeasurements(atlas, read);
}

/**
 * Omits `metrics`. Without it Atlas returns all series, and the list of names in its reference lacks some.
 * Source: MongoDB's reference of the endpoint.
 */
export function searchMeasurements(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
  window: MeasurementWindow,
): Promise<MeasurementSeries[]> {
  const read = {
    operation: 'searchMeasurements',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'hosts', process, 'fts', 'metrics', 'measurements'],
    query: windowQuery(window),
  };
  return readMeasurements(atlas, read, schemas.searchMeasurements);
}

async function readMeasurements(
  atlas: Requester,
  read: ApiRead,
  schema = schemas.measurements,
): Promise<MeasurementSeries[]> {
  const list = await atlas.get(read, schema);
  return seriesOf(list, read.operation, measurementRemarks(read.operation, atlas.remarks));
}

/**
 * Returns the readable series.
 *
 * @throws AtlasResponseError (`shape`) when there are some and none is readable
 */
export function seriesOf(
  list: readonly unknown[],
  operation: string,
  remarks: ListRemarks,
): MeasurementSeries[] {
  const series = schemas.readSeries(list, remarks);
  if (series !== null) return series;
  throw shapeError({ path: ['measurements'], expected: 'no series can be read' }, { operation, attempts: 1 });
}

/** Returns the remarks on the series of one response. */
export function measurementRemarks(operation: string, remarks: SessionRemarks): ListRemarks {
  return new ListRemarks(operation, ['measurements'], remarks);
}

/** Omits `m`, which takes at most ten names. Without it, one request returns every series. */
function windowQuery(window: MeasurementWindow): QueryParameter[] {
  return [
    ['granularity', window.granularity],
    ['start', wholeSeconds(window.start)],
    ['end', wholeSeconds(window.end)],
  ];
}
