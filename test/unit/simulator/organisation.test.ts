import { describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';

describe('the default organisation', () => {
  const organisation = createOrganisation();
  const [first, second] = organisation.projects;

  test('depends only on its seed', () => {
    expect(createOrganisation()).toEqual(organisation);
    const other = createOrganisation({ seed: 2 });
    expect(other.projects[0]?.id).not.toBe(first?.id);
    expect(other.projects[0]?.processes[0]?.id).not.toBe(first?.processes[0]?.id);
  });

  test('has a replica set, with one host whose points are not aligned', () => {
    expect(first?.processes.map(({ typeName }) => typeName)).toEqual([
      'REPLICA_PRIMARY',
      'REPLICA_SECONDARY',
      'REPLICA_SECONDARY',
    ]);
    expect(first?.processes.map(({ offset }) => offset)).toEqual([0, 0, 32_000]);
    expect(first?.processes[0]?.databases.map(({ name }) => name)).toContain('tenant_ä');
  });

  test('has a sharded cluster, whose mongos listen on 27016 on the hosts of the mongods', () => {
    const events = second?.processes.filter(({ clusterName }) => clusterName === 'Events') ?? [];
    const mongos = events.filter(({ typeName }) => typeName === 'SHARD_MONGOS');
    const mongods = events.filter(({ typeName }) => typeName !== 'SHARD_MONGOS');
    expect(mongods.map(({ typeName }) => typeName)).toEqual([
      ...['SHARD_PRIMARY', 'SHARD_SECONDARY', 'SHARD_PRIMARY', 'SHARD_SECONDARY'],
      ...['SHARD_CONFIG', 'SHARD_CONFIG', 'SHARD_CONFIG'],
    ]);
    expect(mongos.map(({ id }) => id)).toEqual(mongods.map(({ hostname }) => `${hostname}:27016`));
    expect(mongods.every(({ port }) => port === 27017)).toBe(true);
    // Each shard is a replica set of its own, and so are the config servers.
    expect(new Set(mongods.map(({ replicaSetName }) => replicaSetName)).size).toBe(3);
  });

  test('has a process without data', () => {
    const silent = second?.processes.find(({ typeName }) => typeName === 'NO_DATA');
    expect(silent).toMatchObject({ replicaSetName: null, version: null, databases: [], disks: [] });
  });

  test('has valid ids, host names and connection strings', () => {
    for (const project of organisation.projects) {
      expect(project.id).toMatch(/^[a-f0-9]{24}$/);
      const aliases = project.processes.map(({ userAlias }) => userAlias);
      for (const { id, hostname, port } of project.processes) {
        expect(id).toBe(`${hostname}:${port}`);
        expect(hostname).toMatch(/^atlas-[a-z0-9]{6}-(shard|config)-\d\d-\d\d\.[a-z0-9]{6}\.mongodb\.net$/);
      }
      const listed = project.clusters.flatMap(({ connectionStrings }) => connectionStrings.hosts);
      expect(new Set(listed.map((host) => host.replace(/:\d+$/, '')))).toEqual(new Set(aliases));
    }
  });
});

test('createOrganisation builds what a test describes', () => {
  const { projects } = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [
          {
            name: 'c',
            nodes: [{}, { listedUntil: 5, afterUnlisted: 'readable', databases: ['x'] }],
            databases: ['a', { name: 'b', listedFrom: 7 }],
            disks: ['data', 'log'],
          },
        ],
      },
    ],
  });
  const [one, two] = projects[0]?.processes ?? [];
  expect(one?.databases).toEqual([
    { name: 'a', collections: [] },
    { name: 'b', collections: [], listedFrom: 7 },
  ]);
  expect(one?.disks).toEqual([{ partitionName: 'data' }, { partitionName: 'log' }]);
  expect(two).toMatchObject({ listedUntil: 5, afterUnlisted: 'readable', databases: [{ name: 'x' }] });
});
