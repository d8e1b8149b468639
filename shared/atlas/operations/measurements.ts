import type { ProcessId, ProjectId } from '../../ids.ts';
import type { MeasurementSeries, MeasurementWindow } from '../api.ts';
import { type QueryParameter, wholeSeconds } from '../paths.ts';
import { monitoringBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
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
  return atlas.get(read, schemas.measurements);
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
  return atlas.get(read, schemas.measurements);
}

/** No `m`: it takes ten names at most, and without it one request returns every series. */
function windowQuery(window: MeasurementWindow): QueryParameter[] {
  return [
    ['granularity', window.granularity],
    ['start', wholeSeconds(window.start)],
    ['end', wholeSeconds(window.end)],
  ];
}
