import type { Cluster, Disk, Lifetime, Organisation, Process, Project } from '../organisation/types.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-route.ts';

/** Finds what the path of a request names, or throws Atlas's 404 for it. */

export function projectOf(request: ApiRequest): Project {
  const id = request.parameter('groupId');
  const project = request.organisation.projects.find((candidate) => candidate.id === id);
  if (project === undefined || request.endpointFaults.projectNotFound(id)) {
    throw new ApiError(404, 'GROUP_NOT_FOUND', `No group with ID ${id} exists.`, [id]);
  }
  if (!request.mayRead(id)) {
    throw new ApiError(403, 'USER_UNAUTHORIZED', 'Current user is not authorized to perform this action.');
  }
  return project;
}

/**
 * Returns the organisation of the request's path.
 *
 * @throws ApiError when the path names another organisation, or the client may only read single projects
 */
export function organisationOf(request: ApiRequest): Organisation {
  const { organisation } = request;
  const id = request.parameter('orgId');
  if (id !== organisation.id) {
    throw new ApiError(404, 'ORG_NOT_FOUND', `No organization with ID ${id} exists.`, [id]);
  }
  if (!request.mayRead(id)) {
    // As recorded: Atlas refuses an insufficient role with 401 as well as with 403.
    throw new ApiError(401, 'USER_UNAUTHORIZED', 'Current user is not authorized to perform this action.');
  }
  return organisation;
}

/** Returns the cluster of the request's path. One that was removed is not found. */
export function clusterOf(request: ApiRequest): Cluster {
  const project = projectOf(request);
  const name = request.parameter('clusterName');
  const cluster = project.clusters.find((candidate) => candidate.name === name);
  if (cluster !== undefined && canBeRead(cluster, request.now)) return cluster;
  throw new ApiError(404, 'CLUSTER_NOT_FOUND', `No cluster named ${name} exists in group ${project.id}.`, [
    name,
    project.id,
  ]);
}

export function processOf(request: ApiRequest): { project: Project; process: Process } {
  const project = projectOf(request);
  const id = request.parameter('processId');
  const process = project.processes.find((candidate) => candidate.id === id);
  if (process !== undefined && canBeRead(process, request.now)) {
    if (!request.endpointFaults.notFound(project.id, process)) return { project, process };
  }
  const hostname = id.replace(/:\d+$/, '');
  const knowsHost = process === undefined && project.processes.some((other) => other.hostname === hostname);
  if (knowsHost) throw noSuchPort(project, id);
  throw new ApiError(404, 'HOST_NOT_FOUND', `No host with ID ${id} exists in group ${project.id}.`, [
    id,
    project.id,
  ]);
}

/**
 * Returns the mongod of a host, which represents all its processes.
 *
 * @param parameter the name of the path's parameter
 */
export function hostOf(request: ApiRequest, parameter = 'hostname'): { project: Project; host: Process } {
  const project = projectOf(request);
  const hostname = request.parameter(parameter);
  const host = project.processes.find((candidate) => candidate.hostname === hostname);
  if (host !== undefined && canBeRead(host, request.now)) {
    if (!request.endpointFaults.notFound(project.id, host)) return { project, host };
  }
  throw new ApiError(
    404,
    'HOST_NOT_FOUND',
    `No host with hostname ${hostname} exists in group ${project.id}.`,
    [hostname, project.id],
  );
}

/** Returns the error for a process whose host exists, but which has no such resource. */
export function noSuchPort(project: Project, processId: string): ApiError {
  const [hostname = '', port = ''] = processId.split(':');
  return new ApiError(
    404,
    'HOSTNAME_AND_PORT_NOT_FOUND',
    `No host with hostname and port ${processId} exists in group ${project.id}.`,
    [hostname, port, project.id],
  );
}

export function databaseNameOf(request: ApiRequest, process: Process): string {
  const name = request.parameter('databaseName');
  const database = process.databases.find((candidate) => candidate.name === name);
  if (database !== undefined && canBeRead(database, request.now)) return name;
  throw new ApiError(404, 'DATABASE_NOT_FOUND', `No database ${name} exists on host ${process.id}.`, [
    name,
    process.id,
  ]);
}

/** Returns the database and collection in the path of a namespace's measurements. */
export function collectionOf(
  request: ApiRequest,
  process: Process,
): { databaseName: string; collectionName: string } {
  const databaseName = databaseNameOf(request, process);
  const collectionName = request.parameter('collectionName');
  const collection = process.databases
    .find(({ name }) => name === databaseName)
    ?.collections.find(({ name }) => name === collectionName);
  if (collection !== undefined && canBeRead(collection, request.now)) return { databaseName, collectionName };
  const namespace = `${databaseName}.${collectionName}`;
  throw new ApiError(
    404,
    'COLLECTION_NOT_FOUND',
    `No collection ${namespace} exists on host ${process.id}.`,
    [namespace, process.id],
  );
}

export function diskOf(request: ApiRequest, process: Process): Disk {
  const name = request.parameter('partitionName');
  const disk = process.disks.find((candidate) => candidate.partitionName === name);
  if (disk !== undefined && canBeRead(disk, request.now)) return disk;
  throw new ApiError(404, 'DEVICE_NOT_FOUND', `No device ${name} exists on host ${process.id}.`, [
    name,
    process.id,
  ]);
}

export function isListed({ listedFrom, listedUntil }: Lifetime, now: number): boolean {
  return now >= (listedFrom ?? -Infinity) && now < (listedUntil ?? Infinity);
}

function canBeRead(lifetime: Lifetime, now: number): boolean {
  const ended = lifetime.afterUnlisted === 'readable' ? Infinity : (lifetime.listedUntil ?? Infinity);
  return now >= (lifetime.listedFrom ?? -Infinity) && now < ended;
}
