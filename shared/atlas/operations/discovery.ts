import type { ProcessId, ProjectId } from '../../ids.ts';
import { type Cluster, NO_DATA, type Process, type Project } from '../api.ts';
import type { Listing } from '../listing.ts';
import { readPages } from '../pages.ts';
import { clustersBucket, monitoringBucket, PROJECTS_BUCKET } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import * as schemas from '../schemas/discovery.ts';

/** Lists every project that the credentials can read. */
export function listProjects(atlas: Requester): Promise<Listing<Project>> {
  const read = { operation: 'listProjects', bucket: PROJECTS_BUCKET, segments: ['groups'], isFirst: true };
  return readPages(atlas, read, schemas.project);
}

export function listClusters(atlas: Requester, project: ProjectId): Promise<Listing<Cluster>> {
  const read = {
    operation: 'listClusters',
    bucket: clustersBucket(project),
    segments: ['groups', project, 'clusters'],
  };
  return readPages(atlas, read, schemas.cluster);
}

export function listProcesses(atlas: Requester, project: ProjectId): Promise<Listing<Process>> {
  const read = {
    operation: 'listProcesses',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes'],
  };
  // A process that is listed twice is live if either entry says so: the other entry is stale.
  return readPages(
    atlas,
    read,
    schemas.process,
    (again, before) => before.typeName === NO_DATA && again.typeName !== NO_DATA,
  );
}

export function listDatabases(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
): Promise<Listing<string>> {
  const read = {
    operation: 'listDatabases',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'databases'],
  };
  return readPages(atlas, read, schemas.databaseName);
}

export function listDisks(
  atlas: Requester,
  project: ProjectId,
  process: ProcessId,
): Promise<Listing<string>> {
  const read = {
    operation: 'listDisks',
    bucket: monitoringBucket(project),
    segments: ['groups', project, 'processes', process, 'disks'],
  };
  return readPages(atlas, read, schemas.partitionName);
}
