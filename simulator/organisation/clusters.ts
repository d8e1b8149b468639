import { accessLogRules } from '../access-logs/rules.ts';
import { eventRules } from '../events/rules.ts';
import { hexName, hostLabel } from '../hash.ts';
import { logRules } from '../logs/rules.ts';
import { adviceRules } from '../performance-advisor/rules.ts';
import type { ClusterShape, DatabaseShape, NodeShape } from './shapes.ts';
import { TENANT_SIZES } from './tenants.ts';
import type { Cluster, Collection, Database, Disk, Lifetime, Process, ProcessType } from './types.ts';

const MONGOD_PORT = 27017;
// On the same hosts as the mongods.
const MONGOS_PORT = 27016;
const VERSION = '8.0.29';
const INSTANCE_SIZE = 'M30';

/** What a cluster derives from its project. */
interface Surroundings {
  /** Distinguishes clusters of the same name in different projects and seeds. */
  key: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  created: number;
}

/** A planned mongod, with its place in the cluster's host names such as `shard-00-01`. */
interface Place {
  group: string;
  index: number;
  typeName: ProcessType;
  node: NodeShape;
}

/** Builds the cluster and its processes, in the API's order: mongods, then mongos. */
export function buildCluster(shape: ClusterShape, within: Surroundings) {
  const key = `${within.key}/${shape.name}`;
  const places = shape.type === 'SHARDED' ? shardedPlaces(shape) : replicaSetPlaces(shape);
  const mongods = places.map((place) => mongod(shape, place, key, within.created));
  const routers = shape.type === 'SHARDED' ? mongods.map(routerBeside) : [];
  const port = shape.type === 'SHARDED' ? MONGOS_PORT : MONGOD_PORT;
  const instanceSize = shape.instanceSize ?? INSTANCE_SIZE;
  const cluster: Cluster = {
    id: hexName(`cluster/${key}`, 24),
    name: shape.name,
    type: shape.type ?? 'REPLICASET',
    version: shape.version ?? VERSION,
    instanceSize,
    backups: shape.backups ?? !TENANT_SIZES.has(instanceSize),
    advice: adviceRules(shape.advice),
    queryShapes: shape.queryShapes ?? 0,
    created: within.created,
    tags: shape.tags ?? [],
    ...lifetimeOf(shape),
    connectionStrings: { hosts: mongods.map(({ userAlias }) => `${userAlias}:${port}`) },
  };
  return { cluster, processes: [...mongods, ...routers] };
}

function replicaSetPlaces(shape: ClusterShape): Place[] {
  return members('shard-00', nodesOf(shape), 'REPLICA_PRIMARY', 'REPLICA_SECONDARY');
}

function shardedPlaces(shape: ClusterShape): Place[] {
  const shards = Array.from({ length: shape.shards ?? 2 }, (_, shard) =>
    members(`shard-${twoDigits(shard)}`, nodesOf(shape), 'SHARD_PRIMARY', 'SHARD_SECONDARY'),
  );
  // A config server stores the cluster's metadata and none of its databases.
  const config = Array.from({ length: shape.configNodes ?? 3 }, () => ({ databases: ['admin', 'config'] }));
  return [...shards.flat(), ...members('config-00', config, 'SHARD_CONFIG', 'SHARD_CONFIG')];
}

function members(group: string, nodes: NodeShape[], first: ProcessType, others: ProcessType): Place[] {
  return nodes.map((node, index) => ({
    group,
    index,
    typeName: node.typeName ?? (index === 0 ? first : others),
    node,
  }));
}

function nodesOf({ nodes = 3 }: ClusterShape): NodeShape[] {
  return typeof nodes === 'number' ? Array.from({ length: nodes }, () => ({})) : nodes;
}

function mongod(shape: ClusterShape, { group, index, typeName, node }: Place, key: string, created: number) {
  const place = `${group}-${twoDigits(index)}`;
  const domain = `${hostLabel(`domain/${key}`)}.mongodb.net`;
  const internal = `atlas-${hostLabel(`host/${key}`)}`;
  const hostname = `${internal}-${place}.${domain}`;
  const silent = typeName === 'NO_DATA';
  const databases = node.databases ?? shape.databases ?? ['admin', 'local', shape.name];
  const disks = node.disks ?? shape.disks ?? ['data'];
  return {
    id: `${hostname}:${MONGOD_PORT}`,
    hostname,
    port: MONGOD_PORT,
    userAlias: `${shape.name.toLowerCase()}-${place}.${domain}`,
    typeName,
    replicaSetName: silent ? null : `${internal}-${group.replace(/0(\d)$/, '$1')}`,
    version: silent ? null : (shape.version ?? VERSION),
    created: node.created ?? node.listedFrom ?? created,
    clusterName: shape.name,
    offset: node.offset ?? 0,
    stampsDrift: node.stampsDrift ?? false,
    databases: silent ? [] : databases.map(toDatabase),
    disks: silent ? [] : disks.map(toDisk),
    accessLogs: accessLogRules(node.accessLogs ?? shape.accessLogs),
    ...(shape.search && { search: shape.search }),
    slowQueries: eventRules(node.slowQueries ?? shape.slowQueries),
    logs: logRules(node.logs ?? shape.logs),
    ...lifetimeOf(node),
  } satisfies Process;
}

function routerBeside({ search: _, ...mongod }: Process): Process {
  return {
    ...mongod,
    id: `${mongod.hostname}:${MONGOS_PORT}`,
    port: MONGOS_PORT,
    typeName: 'SHARD_MONGOS',
    replicaSetName: null,
    databases: [],
  };
}

function toDatabase(database: string | DatabaseShape): Database {
  if (typeof database === 'string') return { name: database, collections: [] };
  return { ...database, collections: (database.collections ?? []).map(toCollection) };
}

function toCollection(collection: string | Collection): Collection {
  return typeof collection === 'string' ? { name: collection } : collection;
}

function toDisk(disk: string | Disk): Disk {
  return typeof disk === 'string' ? { partitionName: disk } : disk;
}

function lifetimeOf({ listedFrom, listedUntil, afterUnlisted }: Lifetime): Lifetime {
  return {
    ...(listedFrom === undefined ? {} : { listedFrom }),
    ...(listedUntil === undefined ? {} : { listedUntil }),
    ...(afterUnlisted === undefined ? {} : { afterUnlisted }),
  };
}

function twoDigits(index: number): string {
  return String(index).padStart(2, '0');
}
