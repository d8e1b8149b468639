import { afterEach, describe, expect, it, vi } from 'vitest';
import { AtlasConfigurationError } from '../../../shared/atlas/errors.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { FakeClock } from '../../unit/atlas/fake-clock.ts';
import { json, ONE_DISK, PROCESS, PROJECT, ScriptedAtlas, silent } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

/** On a busy machine, more than the second that is usual. */
const PATIENTLY = { timeout: 20_000 };

const PAGE = 'itemsPerPage=500&pageNum=1';
const HOST = 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net';
const WINDOW = {
  granularity: 'PT5M',
  start: Date.UTC(2026, 7, 10, 3, 0, 0),
  end: Date.UTC(2026, 7, 10, 9, 0, 0),
} as const;
const WINDOW_QUERY = 'granularity=PT5M&start=2026-08-10T03:00:00Z&end=2026-08-10T09:00:00Z';

describe('the operations', () => {
  it('request the documented paths, and return the content of the responses', async () => {
    const responses: Record<string, unknown> = {
      [`/groups?${PAGE}`]: { results: [{ id: PROJECT, name: 'Orders', clusterCount: 1 }] },
      [`/groups/${PROJECT}/clusters?${PAGE}`]: {
        results: [
          {
            id: '64f0a1b2c0eb9e7a17713c01',
            name: 'orders',
            connectionStrings: { standard: `mongodb://${HOST}:27017/?ssl=true` },
          },
        ],
      },
      [`/groups/${PROJECT}/processes?${PAGE}`]: {
        results: [{ id: PROCESS, hostname: HOST, typeName: 'NO_DATA' }],
      },
      [`/groups/${PROJECT}/processes/${PROCESS}/databases?${PAGE}`]: {
        results: [{ databaseName: 'config' }, { databaseName: 'a/b' }],
      },
      [`/groups/${PROJECT}/processes/${PROCESS}/disks?${PAGE}`]: ONE_DISK,
      [`/groups/${PROJECT}/processes/${PROCESS}/databases/a%2Fb/measurements?${WINDOW_QUERY}`]: {
        measurements: [],
      },
      [`/groups/${PROJECT}/processes/${PROCESS}/disks/data/measurements?${WINDOW_QUERY}`]: {
        measurements: [
          { name: 'DISK_QUEUE_DEPTH', dataPoints: [{ timestamp: '2026-08-10T03:05:00Z', value: 1 }] },
        ],
      },
    };
    atlas = await ScriptedAtlas.start((request, response) => {
      const body = responses[request.url?.replace('/api/atlas/v2', '') ?? ''];
      json(response, body === undefined ? 404 : 200, body ?? {});
    });
    const session = atlas.session();
    expect((await session.listProjects()).items).toEqual([
      { id: PROJECT, name: 'Orders', organisation: null },
    ]);
    expect((await session.listClusters(PROJECT)).items).toEqual([
      { id: '64f0a1b2c0eb9e7a17713c01', name: 'orders', hosts: [HOST], instanceSize: null, tags: [] },
    ]);
    expect((await session.listProcesses(PROJECT)).items).toEqual([
      { id: PROCESS, hostname: HOST, userAlias: null, typeName: 'NO_DATA', replicaSetName: null },
    ]);
    expect((await session.listDatabases(PROJECT, PROCESS)).items).toEqual(['config', 'a/b']);
    expect((await session.listDisks(PROJECT, PROCESS)).items).toEqual(['data']);
    expect(await session.databaseMeasurements(PROJECT, PROCESS, 'a/b', WINDOW)).toEqual([]);
    expect(await session.diskMeasurements(PROJECT, PROCESS, 'data', WINDOW)).toEqual([
      {
        name: 'DISK_QUEUE_DEPTH',
        units: null,
        dataPoints: [{ timestamp: Date.UTC(2026, 7, 10, 3, 5), value: 1 }],
      },
    ]);
  });

  it('read all pages from their own address', async () => {
    atlas = await ScriptedAtlas.start((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('pageNum'));
      const links = page < 3 ? [{ rel: 'next', href: 'https://elsewhere.example/' }] : [];
      json(response, 200, {
        results: [{ partitionName: `disk${page}` }, { partitionName: 'shifted' }],
        links,
      });
    });
    const session = atlas.session();
    expect((await session.listDisks(PROJECT, PROCESS)).items).toEqual(['disk1', 'shifted', 'disk2', 'disk3']);
    expect(session.traffic.requests).toBe(4);
  });

  it('never send a name that would lead elsewhere', async () => {
    atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, {}));
    const reading = atlas.session().databaseMeasurements(PROJECT, PROCESS, '..', WINDOW);
    await expect(reading).rejects.toMatchObject({ name: 'AtlasResponseError', problem: 'name' });
    expect(atlas.requests).toHaveLength(0);
  });

  it('report once that a version will be withdrawn', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 200, ONE_DISK, { deprecation: '@1770000000', sunset: 'Mon, 01 Mar 2027 00:00:00 GMT' }),
    );
    const warn = vi.fn();
    const client = atlas.client({ log: { ...silent, warn } });
    for (let run = 0; run < 2; run += 1) {
      const session = client.session({ deadline: Number.POSITIVE_INFINITY });
      await session.listDisks(PROJECT, PROCESS);
    }
    expect(warn.mock.calls).toEqual([
      [
        'Atlas will withdraw this version of the operation',
        { operation: 'listDisks', deprecation: '@1770000000', sunset: 'Mon, 01 Mar 2027 00:00:00 GMT' },
      ],
    ]);
  });

  it('reuse a connection, and open at most ten', async () => {
    const sockets = new Set<unknown>();
    const waiting: (() => void)[] = [];
    atlas = await ScriptedAtlas.start((request, response, count) => {
      sockets.add(request.socket);
      if (count <= 10) json(response, 200, ONE_DISK);
      else waiting.push(() => json(response, 200, ONE_DISK));
    });
    const session = atlas.session();
    for (let count = 0; count < 10; count += 1) await session.listDisks(PROJECT, PROCESS);
    expect(sockets.size).toBeLessThanOrEqual(2);
    const all = Promise.all(Array.from({ length: 30 }, () => session.listDisks(PROJECT, PROCESS)));
    for (let round = 0; round < 3; round += 1) {
      await vi.waitFor(() => expect(waiting).toHaveLength(10), PATIENTLY);
      for (const respond of waiting.splice(0)) respond();
    }
    await all;
    expect(sockets.size).toBe(10);
  });
});

describe('rate limits', () => {
  it.each([-0.1, 1, Number.NaN])('reject a reserve of %d', async (reserve) => {
    atlas = await ScriptedAtlas.start(() => {});
    expect(() => atlas.client({ reserve })).toThrow(AtlasConfigurationError);
  });

  it('delay requests that would use the reserve, and report when to continue', async () => {
    let left = 300;
    atlas = await ScriptedAtlas.start((_request, response) => {
      left -= 1;
      json(response, 200, ONE_DISK, { 'ratelimit-limit': '300', 'ratelimit-remaining': String(left) });
    });
    const clock = new FakeClock();
    const session = atlas.session({ clock });
    const refused: unknown[] = [];
    for (let count = 0; count < 260; count += 1) {
      session.listDisks(PROJECT, PROCESS).catch((error: unknown) => refused.push(error));
    }
    // 300 minus a fifth and the margin of 3 can go immediately; 16 more can wait for ten seconds of refill.
    await vi.waitFor(() => expect(refused).toHaveLength(260 - 237 - 16), PATIENTLY);
    await vi.waitFor(() => expect(left).toBe(63), PATIENTLY);
    expect(refused[0]).toMatchObject({ name: 'AtlasThrottledError', operation: 'listDisks' });
    expect(session.traffic).toEqual({ requests: 238, throttled: 23 });
  });

  it('send nothing to a bucket before its Retry-After has passed, not even queued requests', async () => {
    atlas = await ScriptedAtlas.start((_request, response, count) => {
      if (count === 1) json(response, 429, {}, { 'retry-after': '8', 'ratelimit-remaining': '200' });
      else json(response, 200, ONE_DISK);
    });
    const clock = new FakeClock();
    const session = atlas.session({ clock });
    const found = Promise.all(Array.from({ length: 5 }, () => session.listDisks(PROJECT, PROCESS)));
    await vi.waitFor(() => expect(clock.asleep).toBe(8_000), PATIENTLY);
    await clock.advance(7_999);
    expect(atlas.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await found).toEqual(Array(5).fill(wholeListing(['data'])));
    // Sends a token request, the 429, and one for each; throttles the 429, and each of the five that wait.
    expect(session.traffic).toEqual({ requests: 7, throttled: 6 });
  });

  it('fail immediately for all waiting requests if Retry-After is long', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 429, {}, { 'retry-after': '120' }),
    );
    const session = atlas.session({ clock: new FakeClock() });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => session.listDisks(PROJECT, PROCESS)),
    );
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: { name: 'AtlasThrottledError', bucket: `Monitoring and Logs, project ${PROJECT}` },
      });
    }
    expect(atlas.requests).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ reason: { cause: { name: 'AtlasApiError', status: 429 } } });
  });

  it('report when to continue after the fifth 429', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 429, {}, { 'retry-after': '1', 'ratelimit-remaining': '200' }),
    );
    const session = atlas.session();
    await expect(session.listDisks(PROJECT, PROCESS)).rejects.toMatchObject({
      name: 'AtlasThrottledError',
      attempts: 5,
      cause: { status: 429 },
    });
  });

  it('keep a bucket closed after a 503 with Retry-After', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 503, {}, { 'retry-after': '60' }),
    );
    const session = atlas.session();
    await expect(session.listDisks(PROJECT, PROCESS)).rejects.toMatchObject({ name: 'AtlasThrottledError' });
    expect(atlas.requests).toHaveLength(1);
  });
});
