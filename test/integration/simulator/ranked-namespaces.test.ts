import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { namespaceValues, rankedHours } from '../../../simulator/ranked-namespaces.ts';
import { HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';
import { iso } from './measurement-client.ts';

const databases = [
  {
    name: 'shop',
    collections: ['carts', 'a.b c', 'ü/€%', { name: 'gone', listedUntil: T - 90 * MINUTE }],
  },
  'none',
];
const late = { from: T - 3 * HOUR, to: T - 2 * HOUR, lateByMs: 4 * HOUR };
const organisation = createOrganisation({
  lateRankedNamespaces: [late],
  nullShare: 0.2,
  projects: [
    {
      name: 'p',
      clusters: [
        { name: 'c', type: 'SHARDED', nodes: 1, shards: 1, configNodes: 1, databases },
        { name: 'small', nodes: 1, databases, instanceSize: 'M2' },
        { name: 'old', nodes: 1, databases, version: '4.4.29' },
        { name: 'asleep', nodes: [{ typeName: 'NO_DATA' }] },
      ],
    },
  ],
});
const { id: projectId, processes } = organisation.projects[0] ?? { id: '', processes: [] };
const idOf = (cluster: string, typeName?: string) =>
  processes.find((one) => one.clusterName === cluster && (typeName ?? one.typeName) === one.typeName)?.id ??
  '';
const mongod = { projectId, processId: idOf('c', 'SHARD_PRIMARY') };

let api: Api;
beforeEach(async () => {
  api = await startApi({ organisation, now: T, rateLimits: false });
});
afterEach(() => api.simulator.close());

const path = (processId: string, rest: string) => `/groups/${projectId}/processes/${processId}/${rest}`;
const ranking = (processId = mongod.processId) => path(processId, 'collStats/namespaces');
const measured = (collection: string, database = 'shop') =>
  path(mongod.processId, `${database}/${encodeURIComponent(collection)}/collStats/measurements`);
const hour = (start: number) => `start=${iso(start)}&end=${iso(start + HOUR)}`;

describe('the ranking of an hour', () => {
  test('is the computed one after the hour', async () => {
    const hours = rankedHours(organisation, mongod, T - 12 * HOUR, T);
    expect(hours).toHaveLength(12);
    expect(new Set(hours.map(({ namespaces }) => namespaces.join())).size).toBeGreaterThan(3);
    for (const { start, namespaces, visibleFrom } of hours) {
      const { document } = await api.get(`${ranking()}?${hour(start)}`);
      expect(document).toEqual({
        groupId: projectId,
        identifierId: mongod.processId,
        rankedNamespaces: visibleFrom <= T ? namespaces : [],
      });
    }
  });

  test('appears late if a rule says so, and is empty before', async () => {
    const [{ namespaces, visibleFrom } = { namespaces: [], visibleFrom: 0 }] = rankedHours(
      organisation,
      mongod,
      late.from,
      late.to,
    );
    expect(visibleFrom).toBe(T + 2 * HOUR);
    expect(namespaces.length).toBeGreaterThan(0);
    for (const [now, expected] of [
      [visibleFrom - SECOND, []],
      [visibleFrom, namespaces],
    ] as const) {
      api.simulator.clock.set(now);
      const { document } = await api.get(`${ranking()}?${hour(late.from)}`);
      expect(document['rankedNamespaces']).toEqual(expected);
    }
  });

  test('contains a dropped collection, whose measurements return 404', async () => {
    const all = rankedHours(organisation, mongod, T - 12 * HOUR, T).flatMap(({ namespaces }) => namespaces);
    expect(all).toContain('shop.gone');
    expect(await api.refusal(`${measured('gone')}?period=PT1H`)).toEqual([404, 'COLLECTION_NOT_FOUND']);
  });

  test('is empty for config servers and processes without data', async () => {
    for (const process of [idOf('c', 'SHARD_CONFIG'), idOf('asleep')]) {
      const { document } = await api.get(`${ranking(process)}?period=PT5H`);
      expect(document['rankedNamespaces']).toEqual([]);
    }
  });
});

test('the values of a namespace are the computed ones, except for nulls', async () => {
  for (const [collection, back] of [
    ['carts', HOUR],
    ['a.b c', 5 * HOUR],
    ['ü/€%', 60 * HOUR],
  ] as const) {
    const start = T - back;
    const { document } = await api.get(`${measured(collection)}?${hour(start)}`);
    const interval = back > 48 * HOUR ? HOUR : 10 * MINUTE;
    expect(document).toMatchObject({
      databaseName: 'shop',
      collectionName: collection,
      granularity: interval === HOUR ? 'PT1H' : 'PT10M',
      processId: mongod.processId,
    });
    const shown = listOf(document['measurements']).flatMap(({ name, units, dataPoints }) =>
      listOf(dataPoints).map(({ timestamp, value }) => ({ measurement: name, units, timestamp, value })),
    );
    expect(new Set(shown.map(({ measurement }) => measurement)).size).toBe(24);
    const expected = namespaceValues(
      organisation,
      mongod,
      `shop.${collection}`,
      interval,
      start,
      start + HOUR + 1,
    )
      .filter(({ timestamp }) => timestamp + interval <= T)
      .map((point) => ({ ...point, timestamp: iso(point.timestamp) }));
    expect(expected.length).toBeGreaterThan(10);
    expect(shown.filter(({ value }) => value !== null)).toEqual(expected);
  }
});

describe('both endpoints', () => {
  test('accept names of series in metrics', async () => {
    const query = 'period=PT2H&metrics=TOTAL_OPS&metrics=READS_P99_VALUE';
    const { document } = await api.get(`${measured('carts')}?${query}`);
    expect(listOf(document['measurements']).map(({ name }) => name)).toEqual([
      'READS_P99_VALUE',
      'TOTAL_OPS',
    ]);
  });

  test.each([
    ['', 400, 'MISSING_QUERY_PARAMETER'],
    [`start=${iso(T)}`, 400, 'MISSING_QUERY_PARAMETER'],
    [`start=${iso(T)}&end=${iso(T - SECOND)}`, 400, 'START_DATE_AFTER_END_DATE'],
    [`start=2026-03-02T11:00:00.000Z&end=${iso(T)}`, 400, 'FRACTIONAL_TIMESTAMP'],
    [`period=PT1H&start=${iso(T - HOUR)}&end=${iso(T)}`, 400, 'MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS'],
    ['period=1H', 400, 'INVALID_PERIOD'],
  ])('reject %j with %i %s', async (query, status, code) => {
    expect(await api.refusal(`${ranking()}?${query}`)).toEqual([status, code]);
    expect(await api.refusal(`${measured('carts')}?${query}`)).toEqual([status, code]);
  });

  test('reject unknown and unsupported resources', async () => {
    const period = '?period=PT1H';
    expect(await api.refusal(`${measured('carts')}${period}&metrics=OPS`)).toEqual([
      400,
      'INVALID_METRIC_NAME',
    ]);
    expect(await api.refusal(`${measured('other')}${period}`)).toEqual([404, 'COLLECTION_NOT_FOUND']);
    expect(await api.refusal(`${measured('carts', 'other')}${period}`)).toEqual([404, 'DATABASE_NOT_FOUND']);
    expect(await api.refusal(ranking('other.mongodb.net:27017') + period)).toEqual([404, 'HOST_NOT_FOUND']);
    const router = await api.refusal(ranking(idOf('c', 'SHARD_MONGOS')) + period);
    expect(router).toEqual([404, 'HOSTNAME_AND_PORT_NOT_FOUND']);
    expect(await api.refusal(ranking(idOf('small')) + period)).toEqual([400, 'INSUFFICIENT_INSTANCE_SIZE']);
    expect(await api.refusal(ranking(idOf('old')) + period)).toEqual([400, 'UNSUPPORTED_MONGODB_VERSION']);
  });
});
