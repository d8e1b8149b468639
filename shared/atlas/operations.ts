import type { ProcessId, ProjectId } from '../ids.ts';
import type { Cluster, MeasurementSeries, MeasurementWindow, Process, Project } from './api.ts';
import { readPages } from './pages.ts';
import type { QueryParameter } from './paths.ts';
import { clustersBucket, monitoringBucket, PROJECTS_BUCKET } from './rate-limit/sets.ts';
import type { Requester } from './requester.ts';
import * as schemas from './schemas.ts';

/** Every project that the credentials can read. */
export function listProjects(atlas: Requester): Promise<Project[]> {
  const read = { operation: 'listProjects', bucket: PROJECTS_BUCKET, segments: ['groups'] };
  return readPages(atlas, read, schemas.project, (project) => project.id);
}

export function listClusters(atlas: Requester, project: ProjectId): Promise<Cluster[]> {
  const read = {
    operation: 'listClusters',
    bucket: clustersBucket(project),
    segments: ['groups', project, 'clusters'],
  };
  return readPages(atlas, read, schemas.cluster, (cluster) => cluster.name);
}

export function listProcesses(atlas: Requester, project: ProjectId): Promise<Process[]> {
  const read = {
    operation: 'listProcesses',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes'],
  };
  return readPages(atlas, read, schemas.process, (process) => process.id);
}

export function listDatabases(atlas: Requester, project: ProjectId, process: ProcessId): Promise<string[]> {
  const read = {
    operation: 'listDatabases',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'databases'],
  };
  return readPages(atlas, read, schemas.databaseName, (name) => name);
}

export function listDisks(atlas: Requester, project: ProjectId, process: ProcessId): Promise<string[]> {
  const read = {
    operation: 'listDisks',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'disks'],
  };
  return readPages(atlas, read, schemas.partitionName, (name) => name);
}

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

/** Atlas refuses a fraction, even of zero milliseconds (`FRACTIONAL_TIMESTAMP`). */
function wholeSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
