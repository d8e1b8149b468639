import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { diskOf, isListed, noSuchPort, processOf, projectOf } from '../http/lookups.ts';
import { page } from '../http/pages.ts';
import type { Process, Project } from '../organisation/types.ts';
import { isoSeconds, MINUTE } from '../time.ts';

const PROCESSES = '/api/atlas/v2/groups/{groupId}/processes';

/** Processes, with their databases and disks. */
export const PROCESS_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'listProcesses',
    path: PROCESSES,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: true,
    handle(request) {
      const project = projectOf(request);
      const listed = project.processes.filter(
        (process) => isListed(process, request.now) && !request.endpointFaults.unlisted(project.id, process),
      );
      return page(
        request,
        listed.map((process) => processDocument(request, project, process)),
      );
    },
  },
  {
    operation: 'listDatabases',
    path: `${PROCESSES}/{processId}/databases`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: true,
    handle(request) {
      const { project, process } = processOf(request);
      if (process.typeName === 'SHARD_MONGOS') throw noSuchPort(project, process.id);
      const listed = process.databases.filter((database) => isListed(database, request.now));
      const documents = listed.map(({ name }) => ({
        databaseName: name,
        links: [selfLink(request, project, process, 'databases', name)],
      }));
      return page(request, documents);
    },
  },
  {
    operation: 'listDisks',
    path: `${PROCESSES}/{processId}/disks`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: true,
    handle(request) {
      const { project, process } = processOf(request);
      const listed = process.disks.filter((disk) => isListed(disk, request.now));
      return page(
        request,
        listed.map(({ partitionName }) => diskDocument(request, project, process, partitionName)),
      );
    },
  },
  {
    operation: 'getDisk',
    path: `${PROCESSES}/{processId}/disks/{partitionName}`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      return diskDocument(request, project, process, diskOf(request, process).partitionName);
    },
  },
];

function processDocument(request: ApiRequest, project: Project, process: Process) {
  const silent = process.typeName === 'NO_DATA' || request.endpointFaults.silent(project.id, process);
  return {
    created: isoSeconds(process.created),
    groupId: project.id,
    hostname: process.hostname,
    id: process.id,
    ...(silent ? {} : { lastPing: isoSeconds(Math.floor(request.now / MINUTE) * MINUTE) }),
    links: [selfLink(request, project, process)],
    port: process.port,
    ...(silent || process.replicaSetName === null ? {} : { replicaSetName: process.replicaSetName }),
    typeName: silent ? 'NO_DATA' : process.typeName,
    userAlias: process.userAlias,
    ...(silent || process.version === null ? {} : { version: process.version }),
  };
}

function diskDocument(request: ApiRequest, project: Project, process: Process, partitionName: string) {
  return { links: [selfLink(request, project, process, 'disks', partitionName)], partitionName };
}

function selfLink({ origin }: ApiRequest, project: Project, process: Process, ...rest: string[]) {
  const path = [process.id, ...rest.map(encodeURIComponent)].join('/');
  return { href: `${origin}/api/atlas/v2/groups/${project.id}/processes/${path}`, rel: 'self' };
}
