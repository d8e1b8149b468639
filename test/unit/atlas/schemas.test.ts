import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { validated } from '../../../shared/atlas/answers.ts';
import { AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { alert } from '../../../shared/atlas/schemas/alerts.ts';
import * as discovery from '../../../shared/atlas/schemas/discovery.ts';
import { measurements } from '../../../shared/atlas/schemas/measurements.ts';

const OCCASION = { operation: 'getThing', attempts: 1 };
const read = <T>(schema: z.ZodType<T>, document: unknown) => validated(schema, document, OCCASION);

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

  it('keeps what is read, and lets other fields pass', () => {
    expect(read(discovery.process, { ...primary, newField: { a: [1] } })).toEqual({
      id: primary.id,
      hostname: primary.hostname,
      userAlias: primary.userAlias,
      typeName: 'REPLICA_PRIMARY',
      replicaSetName: primary.replicaSetName,
    });
  });

  it('accepts an entry of type NO_DATA, which lacks fields', () => {
    const { userAlias: _alias, replicaSetName: _set, version: _version, lastPing: _ping, ...rest } = primary;
    const found = read(discovery.process, { ...rest, typeName: 'NO_DATA' });
    expect(found).toMatchObject({ typeName: 'NO_DATA', userAlias: null, replicaSetName: null });
  });

  it.each([
    ['an id that is no process', { ...primary, id: 'host' }, 'getThing: id: expected host:port'],
    ['a missing hostname', { ...primary, hostname: undefined }, 'getThing: hostname: expected string'],
    ['a list', [primary], 'getThing: document: expected object'],
    [
      'a name that no cursor can hold',
      { ...primary, replicaSetName: 'r'.repeat(301) },
      'getThing: replicaSetName: expected at most 300 characters',
    ],
    [
      'a name that is not Unicode',
      { ...primary, hostname: 'h\ud800' },
      'getThing: hostname: expected Unicode text',
    ],
  ])('refuses %s', (_what, document, message) => {
    expect(() => read(discovery.process, document)).toThrow(new RegExp(`^${message}$`));
  });
});

describe('projects', () => {
  it('refuses an id that is not 24 hexadecimal digits', () => {
    expect(read(discovery.project, { id: '6a793f5cc0eb9e7a177147ec', name: 'Orders' }).name).toBe('Orders');
    expect(() => read(discovery.project, { id: '../orgs', name: 'x' })).toThrow(
      'id: expected 24 hexadecimal digits',
    );
  });
});

describe('clusters', () => {
  const hosts = (connectionStrings: unknown) =>
    read(discovery.cluster, { name: 'orders', connectionStrings }).hosts;

  it('takes the hosts from the standard connection string, each once and without its port', () => {
    expect(
      hosts({
        standard:
          'mongodb://orders-config-00-00.q1.mongodb.net:27016,orders-shard-00-00.q1.mongodb.net:27016,' +
          'orders-shard-00-00.q1.mongodb.net:27017/?ssl=true&authSource=admin',
        standardSrv: 'mongodb+srv://orders.q1.mongodb.net',
      }),
    ).toEqual(['orders-config-00-00.q1.mongodb.net', 'orders-shard-00-00.q1.mongodb.net']);
  });

  it.each([[undefined], [null], [{}], [{ standard: null }], [{ standard: '' }]])(
    'has no hosts with %j',
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

  it('reads points with a value, with null and with none', () => {
    const time = Date.UTC(2026, 7, 10, 3, 20, 32);
    const points = [point, { ...point, value: null }, { timestamp: point.timestamp }];
    expect(read(measurements, document(points))).toEqual([
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

  it.each([[undefined], [null], [[]]])('takes data points %j for none', (dataPoints) => {
    expect(read(measurements, document(dataPoints))[0]?.dataPoints).toEqual([]);
  });

  it.each([[{}], [{ measurements: null }], [{ measurements: [] }]])('takes %j for no series', (empty) => {
    expect(read(measurements, empty)).toEqual([]);
  });

  it('names the field that is wrong, and not its value', () => {
    const wrong = document([point, { ...point, value: 'secret' }]);
    expect(() => read(measurements, wrong)).toThrow(
      /^getThing: measurements\[0\]\.dataPoints\[1\]\.value: expected number or null$/,
    );
  });

  it.each([[null], ['point'], [{}], [{ timestamp: 1 }], [{ timestamp: '2026-08-10' }]])(
    'refuses the point %j for its time',
    (wrong) => {
      expect(() => read(measurements, document([wrong]))).toThrow(
        /dataPoints\[0\]\.timestamp: expected an ISO 8601 time$/,
      );
    },
  );

  it('refuses a number beyond what a double can hold', () => {
    const huge: unknown = JSON.parse('{"timestamp":"2026-08-10T03:20:32Z","value":1e999}');
    expect(() => read(measurements, document([huge]))).toThrow(AtlasResponseError);
  });
});

describe('alerts', () => {
  it('refuses a document that is nested deeper than anything that walks through it can go', () => {
    const document = {
      id: '5efdb5dd5b306e51e2e9b05b',
      status: 'OPEN',
      eventTypeName: 'NO_PRIMARY',
      created: '2026-03-02T12:00:00Z',
    };
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(read(alert, { ...document, nested: nested(10) }).document).toMatchObject({ nested: nested(10) });
    expect(() => read(alert, { ...document, nested: nested(20_000) })).toThrow(
      'getThing: document: expected at most 50 levels',
    );
  });
});
