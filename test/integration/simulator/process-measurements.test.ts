import { afterEach, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';
import { iso, pathOf, readWindow } from './measurement-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const organisation = createOrganisation({
  projects: [
    { name: 'small', clusters: [{ name: 's', type: 'SHARDED', shards: 1, nodes: 2, configNodes: 1 }] },
    { name: 'large', clusters: [{ name: 'l', nodes: 1, instanceSize: 'M40' }] },
  ],
});

/** Returns the first process of a type. */
function processOf(typeName: string, project = 0) {
  const { id: projectId = '', processes = [] } = organisation.projects[project] ?? {};
  const processId = processes.find((process) => process.typeName === typeName)?.id ?? '';
  return { projectId, processId };
}

const start = async () => {
  api = await startApi({ organisation, now: T, rateLimits: false });
};
const settled = T - 10 * MINUTE;

describe('the measurements of a process', () => {
  test('of a mongod have all 141 series, in one response without a target field', async () => {
    await start();
    const mongod = processOf('SHARD_SECONDARY');
    const { document, points } = await readWindow(api, mongod, 'PT1M', settled - HOUR, settled - SECOND);
    expect(points.size).toBe(141);
    expect(Object.keys(document).sort()).toEqual(
      ['end', 'granularity', 'groupId', 'hostId', 'links', 'measurements', 'processId', 'start'].sort(),
    );
    const units = new Map(listOf(document['measurements']).map(({ name, units }) => [name, units]));
    expect(units.get('SYSTEM_MEMORY_USED')).toBe('KILOBYTES');
    expect(units.get('MEMORY_RESIDENT')).toBe('MEGABYTES');
    expect(units.get('OPLOG_REPLICATION_LAG_TIME')).toBe('SECONDS');
    expect(units.get('OPLOG_RATE_GB_PER_HOUR')).toBe('GIGABYTES_PER_HOUR');
  });

  test('start with null for rates, are empty without Atlas Search, and never say how much memory is mapped', async () => {
    await start();
    const mongod = processOf('SHARD_PRIMARY');
    const { points } = await readWindow(api, mongod, 'PT1M', settled - 10 * MINUTE, settled - SECOND);
    const valuesOf = (name: string) => points.get(name)?.map(({ value }) => value);
    for (const rate of ['OPCOUNTER_QUERY', 'PROCESS_NORMALIZED_CPU_USER', 'OP_EXECUTION_TIME_READS']) {
      expect(valuesOf(rate)?.map((value) => value === null)).toEqual([true, ...Array(9).fill(false)]);
    }
    expect(valuesOf('CONNECTIONS')?.includes(null)).toBe(false);
    expect(valuesOf('FTS_DISK_USAGE')).toEqual([]);
    expect(valuesOf('MEMORY_MAPPED')).toEqual(Array(10).fill(null));
    expect(valuesOf('OPLOG_REPLICATION_LAG_TIME')).toEqual(Array(10).fill(0));
  });

  test('of a mongos lack the series of storage and replication', async () => {
    await start();
    const { points } = await readWindow(
      api,
      processOf('SHARD_MONGOS'),
      'PT1M',
      settled - HOUR,
      settled - SECOND,
    );
    expect(points.get('CONNECTIONS')).toHaveLength(60);
    expect(points.get('SYSTEM_NORMALIZED_CPU_USER')).toHaveLength(60);
    expect(
      [...points.keys()].filter((name) => /^(OPLOG|CACHE|TICKETS|GLOBAL_LOCK|QUERY)_/.test(name)),
    ).toEqual([]);
  });

  test('per core are the values of the whole processor, divided by the cores', async () => {
    await start();
    const { points } = await readWindow(
      api,
      processOf('SHARD_PRIMARY'),
      'PT1M',
      settled - HOUR,
      settled - SECOND,
    );
    const last = (name: string) => Number(points.get(name)?.at(-1)?.value);
    expect(last('PROCESS_NORMALIZED_CPU_USER')).toBeCloseTo(last('PROCESS_CPU_USER') / 2);
    expect(last('MAX_PROCESS_CPU_USER')).toBeGreaterThan(last('PROCESS_CPU_USER'));
  });

  test('exist every ten seconds for eight hours in a project with an M40 cluster, and nowhere else', async () => {
    await start();
    const large = processOf('REPLICA_PRIMARY', 1);
    const { points } = await readWindow(api, large, 'PT10S', T - 9 * HOUR, settled - SECOND);
    const stamps = points.get('CONNECTIONS')?.map(({ timestamp }) => timestamp) ?? [];
    expect(stamps[0]).toBe(T - 8 * HOUR);
    expect(stamps).toHaveLength((settled - (T - 8 * HOUR)) / (10 * SECOND));
    const query = `granularity=PT10S&start=${iso(T - HOUR)}&end=${iso(T)}`;
    expect(await api.refusal(`${pathOf(processOf('SHARD_PRIMARY'))}?${query}`)).toEqual([
      500,
      'UNEXPECTED_ERROR',
    ]);
    api.simulator.faults.add({ kind: 'too-small', projectId: large.projectId });
    expect(await api.refusal(`${pathOf(large)}?${query}`)).toEqual([500, 'UNEXPECTED_ERROR']);
  });
});
