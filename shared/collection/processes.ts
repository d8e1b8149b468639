import type { AtlasSession, Process } from '../atlas/api.ts';
import type { ProjectId } from '../ids.ts';
import type { KnownOwners, Owner, OwnerAttributes } from './dataset.ts';

/** What the rows of a process say of it. */
export interface ProcessAttributes extends OwnerAttributes {
  cluster_name: string | null;
  replica_set_name: string | null;
  process_type: string | null;
}

/** A mongos serves no databases, and lists disks that never return points. */
const MONGOS = 'SHARD_MONGOS';

/** A process that Atlas has no data of, a host that is down for instance: it is listed, and cannot be asked. */
const NO_DATA = 'NO_DATA';

/**
 * The mongod processes of a project, as owners of targets. The list is read anew each time; the clusters only where
 * one of the processes is not known with its cluster's name.
 */
export async function listMongods(
  atlas: AtlasSession,
  project: ProjectId,
  known: KnownOwners,
): Promise<Owner[]> {
  const processes = (await atlas.listProcesses(project)).filter(({ typeName }) => typeName !== MONGOS);
  const named = (process: Process) => known.get(process.id)?.['cluster_name'];
  const unnamed = processes.some((process) => process.typeName !== NO_DATA && !named(process));
  const clusters = unnamed ? await clustersByHost(atlas, project) : new Map<string, string>();
  return processes.map((process) => ({
    id: process.id,
    askable: process.typeName !== NO_DATA,
    attributes: {
      cluster_name: named(process) ?? clusters.get(process.userAlias ?? process.hostname) ?? null,
      replica_set_name: process.replicaSetName,
      process_type: process.typeName,
    } satisfies ProcessAttributes,
  }));
}

async function clustersByHost(atlas: AtlasSession, project: ProjectId): Promise<Map<string, string>> {
  const clusters = await atlas.listClusters(project);
  return new Map(clusters.flatMap(({ name, hosts }) => hosts.map((host) => [host, name])));
}
