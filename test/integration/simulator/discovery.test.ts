import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { HOUR } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, results, startApi } from './api-client.ts';

describe('the default organisation', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.simulator.close());

  const projectAt = (index: number) => api.simulator.organisation.projects[index];
  const processAt = (type: string) => projectAt(1)?.processes.find(({ typeName }) => typeName === type);

  test('lists its projects', async () => {
    const response = await api.get('/groups');
    expect(response.status).toBe(200);
    expect(results(response)).toEqual(
      api.simulator.organisation.projects.map(({ id, name, clusters }) => ({
        clusterCount: clusters.length,
        created: '2025-01-01T00:00:00Z',
        id,
        links: [{ href: `${api.simulator.url}/api/atlas/v2/groups/${id}`, rel: 'self' }],
        name,
        orgId: api.simulator.organisation.id,
        tags: [],
        withDefaultAlertsSettings: true,
      })),
    );
  });

  test('lists clusters whose connection strings contain the aliases of their processes', async () => {
    const strings = await Promise.all(
      [0, 1].map(async (index) =>
        results(await api.get(`/groups/${projectAt(index)?.id}/clusters`)).map((cluster) => [
          cluster['name'],
          cluster['clusterType'],
          Object(cluster['connectionStrings'])['standard'],
        ]),
      ),
    );
    const aliases = (project: number, cluster: string, port: number) => [
      ...new Set(
        projectAt(project)
          ?.processes.filter(({ clusterName }) => clusterName === cluster)
          .map(({ userAlias }) => `${userAlias}:${port}`),
      ),
    ];
    const standard = (hosts: string[]) => `mongodb://${hosts.join(',')}/?ssl=true&authSource=admin`;
    expect(strings).toEqual([
      [['orders', 'REPLICASET', standard(aliases(0, 'orders', 27017))]],
      [
        ['Events', 'SHARDED', standard(aliases(1, 'Events', 27016))],
        ['sandbox', 'REPLICASET', standard(aliases(1, 'sandbox', 27017))],
      ],
    ]);
  });

  test('lists processes with the recorded fields', async () => {
    const process = projectAt(0)?.processes[0];
    const [first] = results(await api.get(`/groups/${projectAt(0)?.id}/processes`));
    const href = `${api.simulator.url}/api/atlas/v2/groups/${projectAt(0)?.id}/processes/${process?.id}`;
    expect(first).toEqual({
      created: '2025-01-01T00:00:00Z',
      groupId: projectAt(0)?.id,
      hostname: process?.hostname,
      id: process?.id,
      lastPing: '2026-03-10T12:00:00Z',
      links: [{ href, rel: 'self' }],
      port: 27017,
      replicaSetName: process?.replicaSetName,
      typeName: 'REPLICA_PRIMARY',
      userAlias: process?.userAlias,
      version: '8.0.29',
    });
  });

  test('omits lastPing, replicaSetName and version of a process without data', async () => {
    const processes = results(await api.get(`/groups/${projectAt(1)?.id}/processes`));
    const silent = processes.find(({ typeName }) => typeName === 'NO_DATA') ?? {};
    expect(Object.keys(silent).sort()).toEqual(
      ['created', 'groupId', 'hostname', 'id', 'links', 'port', 'typeName', 'userAlias'].sort(),
    );
    const path = `/groups/${projectAt(1)?.id}/processes/${silent['id']}`;
    expect(results(await api.get(`${path}/databases`))).toEqual([]);
    expect(results(await api.get(`${path}/disks`))).toEqual([]);
  });

  test.each([
    ['raw', (id: string) => id],
    ['percent-encoded', encodeURIComponent],
  ])('lists databases and disks of a process with a %s id', async (_, encode) => {
    const process = projectAt(0)?.processes[1];
    const path = `/groups/${projectAt(0)?.id}/processes/${encode(process?.id ?? '')}`;
    const names = results(await api.get(`${path}/databases`)).map(({ databaseName }) => databaseName);
    expect(names).toEqual(['local', 'orders', 'web-sessions', 'tenant_ä']);
    const [disk] = results(await api.get(`${path}/disks`));
    expect(disk?.['partitionName']).toBe('data');
    const one = await api.get(`${path}/disks/data`);
    expect(one.document).toEqual(disk);
  });

  test('returns no databases of a mongos, and disks without points', async () => {
    const mongos = processAt('SHARD_MONGOS');
    const path = `/groups/${projectAt(1)?.id}/processes/${mongos?.id}`;
    expect(await api.refusal(`${path}/databases`)).toEqual([404, 'HOSTNAME_AND_PORT_NOT_FOUND']);
    expect(results(await api.get(`${path}/disks`))).toHaveLength(1);
    const { document } = await api.get(`${path}/disks/data/measurements?granularity=PT1M&period=PT1H`);
    const series = listOf(document['measurements']);
    expect(series).toHaveLength(21);
    expect(series.every(({ dataPoints }) => Array.isArray(dataPoints) && dataPoints.length === 0)).toBe(true);
    expect(document).toMatchObject({ start: '2026-03-10T11:00:00Z', end: '2026-03-10T12:00:00Z' });
  });

  test('returns 404 for unknown resources', async () => {
    const group = `/groups/${projectAt(0)?.id}`;
    const host = projectAt(0)?.processes[0]?.hostname;
    expect(await api.refusal('/groups/111111111111111111111111/processes')).toEqual([404, 'GROUP_NOT_FOUND']);
    expect(await api.refusal(`${group}/processes/nobody:27017/disks`)).toEqual([404, 'HOST_NOT_FOUND']);
    expect(await api.refusal(`${group}/processes/${host}:1234/disks`)).toEqual([
      404,
      'HOSTNAME_AND_PORT_NOT_FOUND',
    ]);
    expect(await api.refusal(`${group}/processes/${host}:27017/disks/sda`)).toEqual([
      404,
      'DEVICE_NOT_FOUND',
    ]);
    const database = `${group}/processes/${host}:27017/databases/none/measurements?granularity=PT1H&period=P1D`;
    expect(await api.refusal(database)).toEqual([404, 'DATABASE_NOT_FOUND']);
    expect(await api.refusal(`${group}/nothing`)).toEqual([404, 'RESOURCE_NOT_FOUND']);
  });

  test('returns errors in the recorded shape', async () => {
    const { headers, document } = await api.get('/groups/111111111111111111111111/clusters');
    // Recorded from the real API, except for the path.
    expect(document).toEqual({
      detail: 'No group with ID 111111111111111111111111 exists.',
      error: 404,
      errorCode: 'GROUP_NOT_FOUND',
      parameters: ['111111111111111111111111'],
      reason: 'Not Found',
    });
    expect(headers.get('Content-Type')).toBe('application/json');
    expect(headers.get('X-Error-Code')).toBe('GROUP_NOT_FOUND');
  });
});

test('processes, databases and disks appear and disappear with time', async () => {
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [
          {
            name: 'c',
            nodes: [
              { databases: ['a', { name: 'b', listedFrom: T + HOUR, listedUntil: T + 2 * HOUR }] },
              { listedFrom: T + HOUR },
              { listedUntil: T + HOUR },
              { listedUntil: T + HOUR, afterUnlisted: 'readable' },
            ],
          },
        ],
      },
    ],
  });
  const api = await startApi({ organisation, now: T });
  try {
    const project = organisation.projects[0];
    const ids = project?.processes.map(({ id }) => id) ?? [];
    const listed = async () =>
      results(await api.get(`/groups/${project?.id}/processes`)).map(({ id }) => ids.indexOf(String(id)));
    const statuses = () =>
      Promise.all(
        ids.map(async (id) => {
          const path = `/groups/${project?.id}/processes/${id}/disks/data/measurements?granularity=PT1M&period=PT2H`;
          return (await api.get(path)).status;
        }),
      );
    const databases = async () =>
      results(await api.get(`/groups/${project?.id}/processes/${ids[0]}/databases`)).map(
        ({ databaseName }) => databaseName,
      );
    expect([await listed(), await statuses(), await databases()]).toEqual([
      [0, 2, 3],
      [200, 404, 200, 200],
      ['a'],
    ]);
    api.simulator.clock.set(T + HOUR);
    expect([await listed(), await statuses(), await databases()]).toEqual([
      [0, 1],
      [200, 200, 404, 200],
      ['a', 'b'],
    ]);
    api.simulator.clock.set(T + 2 * HOUR);
    expect(await databases()).toEqual(['a']);
  } finally {
    await api.simulator.close();
  }
});
