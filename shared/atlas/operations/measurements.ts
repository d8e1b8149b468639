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

async function readMeasurements(atlas: Requester, read: ApiRead): Promise<MeasurementSeries[]> {
  return seriesOf(await atlas.get(read, schemas.measurements), read.operation, atlas.remarks);
}

/**
 * Returns the readable series.
 *
 * @throws AtlasResponseError (`shape`) when there are some and none is readable
 */
export function seriesOf(
  list: readonly unknown[],
  operation: string,
  remarks: SessionRemarks,
): MeasurementSeries[] {
  const series = schemas.readSeries(list, new ListRemarks(operation, ['measurements'], remarks));
  if (series !== null) return series;
  throw shapeError({ path: ['measurements'], expected: 'no series can be read' }, { operation, attempts: 1 });
}

/** Omits `m`, which takes at most ten names. Without it, one request returns every series. */
function windowQuery(window: MeasurementWindow): QueryParameter[] {
  return [
    ['granularity', window.granularity],
    ['start', wholeSeconds(window.start)],
    ['end', wholeSeconds(window.end)],
  ];
}
