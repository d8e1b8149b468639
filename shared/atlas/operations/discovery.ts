import type { ProcessId, ProjectId } from '../../ids.ts';
import type { Cluster, Process, Project } from '../api.ts';
import { readPages } from '../pages.ts';
import { clustersBucket, monitoringBucket, PROJECTS_BUCKET } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import * as schemas from '../schemas/discovery.ts';

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
