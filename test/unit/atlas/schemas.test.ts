import { describe, expect, it } from 'vitest';
import type { MeasurementSeries } from '../../../shared/atlas/api.ts';
import { type ItemType, ListRemarks } from '../../../shared/atlas/items.ts';
import { fieldPath, SessionRemarks } from '../../../shared/atlas/remarks.ts';
import { validated } from '../../../shared/atlas/responses.ts';
import { alert } from '../../../shared/atlas/schemas/alerts.ts';
import * as discovery from '../../../shared/atlas/schemas/discovery.ts';
import { measurements, readSeries } from '../../../shared/atlas/schemas/measurements.ts';

const ERROR_CONTEXT = { operation: 'getThing', attempts: 1 };

/** Returns the item, and the fields that were read as null. */
function readWithNulls<T>(type: ItemType<T>, raw: unknown): { value: T; nulls: string[] } {
  const result = type.read(raw);
  if ('fault' in result) throw new Error(`${fieldPath(result.fault.path)}: ${result.fault.expected}`);
  return {
    value: result.value,
    nulls: result.nulls.map((fault) => `${fieldPath(fault.path)}: ${fault.expected}`),
  };
}

const read = <T>(type: ItemType<T>, raw: unknown): T => readWithNulls(type, raw).value;

describe('processes', () => {
  const primary = {
    created: '2026-08-10T03:10:11Z',
    groupId: '6a793f5cc0eb9e7a177147ec',
    hostname: 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net',
    id: 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net:27017',
    lastPing: '2026-08-10T03:15:17Z',
    links: [],
    port: 27017,
    replicaSetName: 'atlas-abc123-shard-0',
    typeName: 'REPLICA_PRIMARY',
    userAlias: 'orders-shard-00-00.q1w2e3.mongodb.net',
    version: '8.0.29',
  };

  it('keep the fields that are read, and allow others', () => {
    expect(read(discovery.process, { ...primary, newField: { a: [1] } })).toEqual({
      id: primary.id,
      hostname: primary.hostname,
      userAlias: primary.userAlias,
      typeName: 'REPLICA_PRIMARY',
      replicaSetName: primary.replicaSetName,
    });
  });

  it('accept an entry of type NO_DATA without some fields', () => {
    const { userAlias: _alias, replicaSetName: _set, version: _version, lastPing: _ping, ...rest } = primary;
    const found = read(discovery.process, { ...rest, typeName: 'NO_DATA' });
    expect(found).toMatchObject({ typeName: 'NO_DATA', userAlias: null, replicaSetName: null });
  });

  it.each([
    ['an id without a port', { ...primary, id: 'host' }, 'id: expected host:port'],
    ['a list', [primary], 'document: expected object'],
    ['no type', { ...primary, typeName: undefined }, 'typeName: expected string'],
  ])('are unreadable with %s', (_what, document, message) => {
    expect(() => read(discovery.process, document)).toThrow(new RegExp(`^${message}$`));
  });

  it.each([
    ['a missing hostname', { hostname: undefined }, ['hostname: expected string']],
    ['a hostname that is not Unicode', { hostname: 'h\ud800' }, ['hostname: expected Unicode text']],
    [
      'a name that is too long for a cursor',
      { replicaSetName: 'r'.repeat(301) },
      ['replicaSetName: expected at most 300 characters'],
    ],
  ])('are readable with %s, and take the hostname from the id', (_what, fields, nulls) => {
    const found = readWithNulls(discovery.process, { ...primary, ...fields });
    expect(found.value).toMatchObject({ id: primary.id, hostname: primary.hostname });
    expect(found.nulls).toEqual(nulls);
  });

  it('have a readable key if they are otherwise unreadable', () => {
    expect(discovery.process.rawKey({ ...primary, typeName: 7 })).toBe(primary.id);
    for (const raw of [null, 7, [], { id: 7 }, { id: 'host' }]) {
      expect(discovery.process.rawKey(raw)).toBeNull();
    }
  });
});

describe('projects', () => {
  it.each(['', 7, 'orders'])('have no organisation if orgId is %j', (orgId) => {
    const found = readWithNulls(discovery.project, { id: '6a793f5cc0eb9e7a177147ec', name: 'Orders', orgId });
    expect(found.value).toMatchObject({ organisation: null });
    expect(found.nulls).toEqual(['orgId: expected 24 hexadecimal digits']);
  });

  it('reject an id that is not 24 hexadecimal digits', () => {
    expect(read(discovery.project, { id: '6a793f5cc0eb9e7a177147ec', name: 'Orders' }).name).toBe('Orders');
    expect(() => read(discovery.project, { id: '../orgs', name: 'x' })).toThrow(
      'id: expected 24 hexadecimal digits',
    );
  });
});

describe('clusters', () => {
  const hosts = (connectionStrings: unknown) =>
    read(discovery.cluster, { name: 'orders', connectionStrings }).hosts;

  it('take the hosts from the standard connection string, each once and without its port', () => {
    expect(
      hosts({
        standard:
          'mongodb://orders-config-00-00.q1.mongodb.net:27016,orders-shard-00-00.q1.mongodb.net:27016,' +
          'orders-shard-00-00.q1.mongodb.net:27017/?ssl=true&authSource=admin',
        standardSrv: 'mongodb+srv://orders.q1.mongodb.net',
      }),
    ).toEqual(['orders-config-00-00.q1.mongodb.net', 'orders-shard-00-00.q1.mongodb.net']);
  });

  it.each(['', 'orders', '6a793f5cc0eb9e7a177147ec/x', 7])('have no id if it is %j', (id) => {
    const found = readWithNulls(discovery.cluster, { id, name: 'orders' });
    expect(found.value).toMatchObject({ id: null, name: 'orders' });
    expect(found.nulls).toHaveLength(1);
  });

  it('keep their size if a part of their regions is unreadable', () => {
    const regionConfigs = [7, { electableSpecs: 'x' }, { electableSpecs: { instanceSize: 'M30' } }];
    const found = readWithNulls(discovery.cluster, {
      name: 'orders',
      replicationSpecs: ['y', { regionConfigs }],
    });
    expect(found.value).toMatchObject({ name: 'orders', instanceSize: 'M30' });
    expect(found.nulls).toHaveLength(3);
  });

  it.each([
    [undefined, []],
    [[], []],
    [[{ key: 'env', value: 'production' }], [{ key: 'env', value: 'production' }]],
    [
      [{ key: 'env' }, { key: 'lake', value: null }],
      [
        { key: 'env', value: '' },
        { key: 'lake', value: '' },
      ],
    ],
    // Tags that cannot be read are unknown, and the cluster is there.
    [null, null],
    ['env', null],
    [[{ key: 'env', value: 'production' }, { value: 'x' }], null],
  ])('with the tags %j have the tags %j', (tags, expected) => {
    expect(read(discovery.cluster, { name: 'orders', tags })).toMatchObject({
      name: 'orders',
      tags: expected,
    });
  });

  it.each([[undefined], [null], [{}], [{ standard: null }], [{ standard: '' }]])(
    'have no hosts with %j',
    (strings) => {
      expect(hosts(strings)).toEqual([]);
    },
  );
});

describe('measurements', () => {
  const point = { timestamp: '2026-08-10T03:20:32Z', value: 8.666666666666666 };
  const document = (dataPoints: unknown) => ({
    databaseName: 'config',
    granularity: 'PT5M',
    measurements: [{ name: 'DATABASE_COLLECTION_COUNT', units: 'SCALAR', dataPoints }],
  });

  const remarks = new SessionRemarks();
  const read = (document: unknown): MeasurementSeries[] | null =>
    readSeries(
      validated(measurements, document, ERROR_CONTEXT),
      new ListRemarks('getThing', ['measurements'], remarks),
    );

  it('have points with a value, with null and without either', () => {
    const time = Date.UTC(2026, 7, 10, 3, 20, 32);
    const points = [point, { ...point, value: null }, { timestamp: point.timestamp }];
    expect(read(document(points))).toEqual([
      {
        name: 'DATABASE_COLLECTION_COUNT',
        units: 'SCALAR',
        dataPoints: [
          { timestamp: time, value: 8.666666666666666 },
          { timestamp: time, value: null },
          { timestamp: time, value: null },
        ],
      },
    ]);
  });

  it.each([[undefined], [null], [[]]])('read data points %j as none', (dataPoints) => {
    expect(read(document(dataPoints))?.[0]?.dataPoints).toEqual([]);
  });

  it.each([[7], [{}], ['x']])('skip a series whose data points are %j', (dataPoints) => {
    const remarks = new SessionRemarks();
    const list = [...document(dataPoints).measurements, { name: 'OTHER', dataPoints: [point] }];
    const series = readSeries(list, new ListRemarks('getThing', ['measurements'], remarks));
    expect(series).toMatchObject([{ name: 'OTHER' }]);
    const note = 'an item cannot be read and was skipped: measurements[0].dataPoints: expected array';
    expect([...remarks.notes]).toEqual([`getThing: ${note}`]);
    expect(remarks).toMatchObject({ unreadableItems: 1, nullValues: 0 });
  });

  it.each([[{}], [{ measurements: null }], [{ measurements: [] }]])('read %j as no series', (empty) => {
    expect(read(empty)).toEqual([]);
  });

  const time = Date.UTC(2026, 7, 10, 3, 20, 32);

  it.each(['NaN', '12.5', {}, [], true, Number.POSITIVE_INFINITY])('read the value %j as null', (value) => {
    const remarks = new SessionRemarks();
    const list = document([point, { ...point, value }]).measurements;
    const series = readSeries(list, new ListRemarks('getThing', ['measurements'], remarks));
    expect(series?.[0]?.dataPoints).toEqual([
      { timestamp: time, value: point.value },
      { timestamp: time, value: null },
    ]);
    const note = 'a value was read as null: measurements[0].dataPoints[1].value: expected number or null';
    expect([...remarks.notes]).toEqual([`getThing: ${note}`]);
    expect(remarks.unreadableItems).toBe(0);
  });

  it.each([[null], ['point'], [{}], [{ timestamp: 1 }], [{ timestamp: '2026-08-10' }]])(
    'skip the point %j, which has no time',
    (wrong) => {
      const remarks = new SessionRemarks();
      const list = document([wrong, point]).measurements;
      const series = readSeries(list, new ListRemarks('getThing', ['measurements'], remarks));
      expect(series?.[0]?.dataPoints).toEqual([{ timestamp: time, value: point.value }]);
      const note =
        'an item cannot be read and was skipped: measurements[0].dataPoints[0].timestamp: expected a time';
      expect([...remarks.notes]).toEqual([`getThing: ${note}`]);
    },
  );

  it('keep a name with spaces, and skip a series without a name', () => {
    const series = [7, {}, { name: '' }, { name: 'n'.repeat(101) }, { name: 'A B', dataPoints: [point] }];
    expect(read({ measurements: series })).toMatchObject([
      { name: 'A B', dataPoints: [{ timestamp: time }] },
    ]);
  });

  it('are null if no series, or no point, is readable', () => {
    expect(read({ measurements: [7, {}] })).toBeNull();
    expect(read(document([{}, {}]))).toBeNull();
  });
});

describe('alerts', () => {
  it('reject a document that is nested too deeply for recursive code', () => {
    const document = {
      id: '5efdb5dd5b306e51e2e9b05b',
      status: 'OPEN',
      eventTypeName: 'NO_PRIMARY',
      created: '2026-03-02T12:00:00Z',
    };
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(read(alert, { ...document, nested: nested(10) }).document).toMatchObject({ nested: nested(10) });
    expect(() => read(alert, { ...document, nested: nested(20_000) })).toThrow(
      'document: expected at most 50 levels',
    );
  });
});
