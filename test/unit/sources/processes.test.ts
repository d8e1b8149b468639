import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AtlasSession, Cluster, Process } from '../../../shared/atlas/api.ts';
import { type Listing, wholeListing } from '../../../shared/atlas/listing.ts';
import { type ProjectId, processId, type Subject } from '../../../shared/ids.ts';
import { listHosts, processSources } from '../../../shared/sources/processes.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };

function process(hostname: string, port: number, typeName: string, userAlias: string | null): Process {
  return { id: processId(`${hostname}:${port}`), hostname, userAlias, typeName, replicaSetName: null };
}

const PROCESSES = [
  process('h1', 27017, 'SHARD_PRIMARY', 'orders-00'),
  process('h1', 27016, 'SHARD_MONGOS', 'orders-00'),
  process('h2', 27016, 'SHARD_MONGOS', 'orders-01'),
  process('h2', 27017, 'NO_DATA', null),
  process('h3', 27017, 'NO_DATA', 'orders-02'),
  process('h4', 27017, 'REPLICA_PRIMARY', 'elsewhere'),
];

const CLUSTERS: Cluster[] = [
  {
    id: null,
    name: 'orders',
    hosts: ['orders-00', 'orders-01', 'orders-02'],
    instanceSize: 'M30',
    tags: [],
  },
];

/** Returns a session that lists these processes, and counts how often it lists clusters. */
function sessionOf(processes: readonly Process[], unreadable: Partial<Listing<Process>> = {}) {
  let listings = 0;
  const session: Pick<AtlasSession, 'listProcesses' | 'listClusters'> = {
    listProcesses: async () => ({ ...wholeListing(processes), ...unreadable }),
    async listClusters() {
      listings += 1;
      return wholeListing(CLUSTERS);
    },
  };
  return { session: session as AtlasSession, listings: () => listings };
}

const source = (id: string, hasData: boolean, cluster: string | null, size: string | null) => ({
  id,
  hasData,
  attributes: { cluster_name: cluster, instance_size: size },
});

describe('the hosts of a project', () => {
  it('appear once for all of their processes, in any order of these', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(PROCESSES, { minLength: PROCESSES.length }), async (processes) => {
        const hosts = await listHosts(sessionOf(processes).session, PROJECT, new Map());
        expect(hosts.items.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
          source('h1', true, 'orders', 'M30'),
          source('h2', true, 'orders', 'M30'),
          source('h3', false, 'orders', 'M30'),
          source('h4', true, null, null),
        ]);
      }),
    );
  });

  it('are named from known attributes, and clusters are listed only for the others', async () => {
    const known = { cluster_name: 'orders', instance_size: 'M10' };
    const named = PROCESSES.filter(({ hostname }) => hostname !== 'h4');
    const { session, listings } = sessionOf(named);
    const both = new Map([
      ['h1', known],
      ['h2', known],
    ]);
    const [first] = (await listHosts(session, PROJECT, both)).items;
    expect([first, listings()]).toEqual([source('h1', true, 'orders', 'M10'), 0]);
    await listHosts(session, PROJECT, new Map([['h1', known]]));
    expect(listings()).toBe(1);
  });

  it('include hosts that may exist although their processes cannot be read', async () => {
    const { session } = sessionOf(PROCESSES, { unreadable: new Set(['h9:27017']), hasUnknown: true });
    expect(await listHosts(session, PROJECT, new Map())).toMatchObject({
      unreadable: new Set(['h9']),
      hasUnknown: true,
    });
    expect(await processSources({ except: ['SHARD_MONGOS'] })(session, PROJECT, new Map())).toMatchObject({
      unreadable: new Set(['h9:27017']),
      hasUnknown: true,
    });
  });
});
