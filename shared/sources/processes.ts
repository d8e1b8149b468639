import { type AtlasSession, type Cluster, NO_DATA, type Process } from '../atlas/api.ts';
import { type Listing, mapListing } from '../atlas/listing.ts';
import type { SourceAttributes } from '../engine/cursor.ts';
import type { KnownSources, Source } from '../engine/dataset.ts';
import { isOptionalFailure } from '../engine/errors.ts';
import { type ProjectId, projectOf, type Subject } from '../ids.ts';

/** Atlas's type of a mongos. Every other type with data is one of a mongod. */
const MONGOS = 'SHARD_MONGOS';

/** What rows say about a process. */
interface ProcessAttributes {
  /** Null if unknown now, and the last known name stays. */
  cluster_name: string | null;
  replica_set_name: string | null;
  process_type: string | null;
}

/** Returns a function that lists the processes of a project as sources of targets, without those of some types. */
export function processSources({ except }: { except: readonly string[] }) {
  return (atlas: AtlasSession, subject: Subject, known: KnownSources) =>
    listProcesses(atlas, subject, known, except);
}

/**
 * Lists the processes of a project as sources, without those of some types. Reads the processes each time, but the
 * clusters only if the cluster name of a process is unknown.
 */
async function listProcesses(
  atlas: AtlasSession,
  subject: Subject,
  known: KnownSources,
  except: readonly string[],
): Promise<Listing<Source>> {
  const project = projectOf(subject);
  const listing = await atlas.listProcesses(project);
  const processes = listing.items.filter(({ typeName }) => !except.includes(typeName));
  const named = (process: Process) => known.get(process.id)?.['cluster_name'];
  const unnamed = processes.some((process) => hasData(process) && !named(process));
  const clusters = unnamed ? await clustersByHost(atlas, project) : new Map<string, Cluster>();
  return mapListing(listing, () =>
    processes.map((process) => ({
      id: process.id,
      hasData: hasData(process),
      attributes: {
        cluster_name: named(process) ?? (clusters && clusterOf(clusters, process)?.name) ?? null,
        replica_set_name: process.replicaSetName,
        process_type: process.typeName,
      } satisfies ProcessAttributes,
    })),
  );
}

/**
 * What is known about a host besides its name. A cluster that is null and omitted values are unknown now, and the last
 * known ones stay.
 */
interface HostAttributes {
  cluster_name: string | null;
  /** M10, M0, …; `Cluster` defines it. */
  instance_size?: string | null;
  /** The kinds of its processes, by name and with commas: `mongod,mongos`. Only for `withKinds`. */
  process_kinds?: string;
}

/** A kind of process. Each kind of a host has logs of its own. */
export type ProcessKind = 'mongod' | 'mongos';

/**
 * Lists the hosts of a project's mongod and mongos processes as sources. Each host appears once for all of
 * its processes, in whatever order they are listed. Its data can be requested if Atlas has data of any of
 * them.
 */
export async function listHosts(
  atlas: AtlasSession,
  subject: Subject,
  known: KnownSources,
  { withKinds = false }: { withKinds?: boolean } = {},
): Promise<Listing<Source>> {
  const project = projectOf(subject);
  const listing = await atlas.listProcesses(project);
  const hosts = Map.groupBy(listing.items, ({ hostname }) => hostname);
  const named = (hostname: string) => known.get(hostname)?.['cluster_name'];
  const unnamed = [...hosts].some(([hostname, processes]) => processes.some(hasData) && !named(hostname));
  const clusters = unnamed ? await clustersByHost(atlas, project) : new Map<string, Cluster>();
  const items = [...hosts].map(([hostname, processes]) => {
    const kinds = withKinds ? kindsOf(processes, known.get(hostname)) : {};
    const before = known.get(hostname);
    if (clusters === null) {
      const attributes = { cluster_name: named(hostname) ?? null, ...kinds } satisfies HostAttributes;
      return { id: hostname, hasData: processes.some(hasData), attributes };
    }
    const clustersHere = processes.flatMap((process) => clusterOf(clusters, process) ?? []);
    const [cluster] = clustersHere.sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      id: hostname,
      hasData: processes.some(hasData),
      attributes: {
        cluster_name: before?.['cluster_name'] ?? cluster?.name ?? null,
        instance_size: cluster ? cluster.instanceSize : (before?.['instance_size'] ?? null),
        ...kinds,
      } satisfies HostAttributes,
    };
  });
  return { ...listing, items, unreadable: new Set([...listing.unreadable].map(hostOf)) };
}

/**
 * Returns the kinds of a host's processes. A process without data has no type, so a kind that was known a moment ago
 * stays while there is such a process. Unknown if no process has data.
 */
function kindsOf(
  processes: readonly Process[],
  known: SourceAttributes | undefined,
): Pick<HostAttributes, 'process_kinds'> {
  const seen = processes.filter(hasData).map(({ typeName }) => (typeName === MONGOS ? 'mongos' : 'mongod'));
  if (seen.length === 0) return {};
  const before = processes.every(hasData) ? [] : processKindsOf(known ?? {});
  return { process_kinds: [...new Set([...seen, ...before])].sort().join() };
}

/** Returns the kinds of processes that `listHosts` found on a host. */
export function processKindsOf({ process_kinds: kinds }: SourceAttributes): ProcessKind[] {
  const known = (kinds ?? '').split(',');
  return (['mongod', 'mongos'] as const).filter((kind) => known.includes(kind));
}

/** Returns the host of a process's id. */
function hostOf(id: string): string {
  return id.slice(0, id.lastIndexOf(':'));
}

function hasData({ typeName }: Process): boolean {
  return typeName !== NO_DATA;
}

function clusterOf(clusters: ReadonlyMap<string, Cluster>, process: Process): Cluster | undefined {
  return clusters.get(process.userAlias ?? process.hostname);
}

/** Returns the clusters by host; null if they cannot be read, because they only provide labels. */
async function clustersByHost(atlas: AtlasSession, project: ProjectId): Promise<Map<string, Cluster> | null> {
  try {
    const clusters = await atlas.listClusters(project);
    return new Map(clusters.items.flatMap((cluster) => cluster.hosts.map((host) => [host, cluster])));
  } catch (error) {
    if (!isOptionalFailure(error)) throw error;
    atlas.remarks.notes.add('the list of clusters cannot be read: names of clusters may be missing or old');
    return null;
  }
}
