import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../../simulator/server.ts';
import { ACCEPT, type Api, parsed, requestToken, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  api = await startApi(options);
};

const project = () => api.simulator.organisation.projects[0]?.id;

describe('the version', () => {
  test.each([
    ['*/*'],
    ['application/json'],
    ['application/vnd.atlas+json'],
    ['application/vnd.atlas.2025-3-12+json'],
    ['application/vnd.atlas.2025-02-30+json'],
  ])('is rejected if it is missing or malformed: %s', async (accept) => {
    await start();
    const { status, document, headers } = await api.get('/groups', { Accept: accept });
    expect([status, document['errorCode']]).toEqual([406, 'INVALID_VERSION_DATE']);
    expect(headers.get('X-Error-Code')).toBe('INVALID_VERSION_DATE');
  });

  test('of the response is the newest one that the client knows', async () => {
    await start();
    const type = async (path: string, date: string) =>
      (await api.get(path, { Accept: `application/vnd.atlas.${date}+json` })).headers.get('Content-Type');
    expect(await type('/groups', '2025-03-12')).toBe('application/vnd.atlas.2023-01-01+json;charset=utf-8');
    const clusters = `/groups/${project()}/clusters`;
    expect(await type(clusters, '2025-03-12')).toBe('application/vnd.atlas.2024-08-05+json;charset=utf-8');
    expect(await type(clusters, '2024-08-05')).toBe('application/vnd.atlas.2024-08-05+json;charset=utf-8');
  });

  test('is refused with 410 if it is withdrawn', async () => {
    await start();
    const path = `/groups/${project()}/clusters`;
    const { status, document } = await api.get(path, { Accept: 'application/vnd.atlas.2024-08-04+json' });
    expect(status).toBe(410);
    // The recorded body.
    expect(document).toEqual({
      detail: `Version 2023-02-01 of api/atlas/v2${path} is no longer available.`,
      error: 410,
      errorCode: 'VERSION_GONE',
      parameters: ['2023-02-01', `api/atlas/v2${path}`],
      reason: 'Gone',
    });
    const old = await api.get('/groups', { Accept: 'application/vnd.atlas.2022-12-31+json' });
    expect([old.status, old.document['errorCode']]).toEqual([410, 'VERSION_GONE']);
  });

  test('announces its end in headers if configured', async () => {
    const deprecation = 'Thu, 12 Mar 2026 00:00:00 GMT';
    const sunset = 'Fri, 12 Mar 2027 00:00:00 GMT';
    await start({ deprecations: { listProjects: { deprecation, sunset } } });
    const { headers } = await api.get('/groups');
    expect([headers.get('Deprecation'), headers.get('Sunset')]).toEqual([deprecation, sunset]);
    const other = await api.get(`/groups/${project()}/clusters`);
    expect([other.headers.get('Deprecation'), other.headers.get('Sunset')]).toEqual([null, null]);
  });
});

describe('a response', () => {
  async function fetchRaw(
    acceptEncoding: string | undefined,
    agent?: Agent,
  ): Promise<[IncomingMessage, Buffer, number]> {
    const headers = {
      Authorization: `Bearer ${await requestToken(api.simulator)}`,
      Accept: ACCEPT,
      ...(acceptEncoding === undefined ? {} : { 'Accept-Encoding': acceptEncoding }),
    };
    const request = get(`${api.simulator.url}/api/atlas/v2/groups`, { headers, ...(agent && { agent }) });
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response === undefined) throw new Error('no response');
    const { localPort = 0 } = response.socket;
    return [response, await buffer(response), localPort];
  }

  test.each(['gzip', 'deflate, gzip;q=0.5', 'br, GZIP'])(
    'is compressed if the client accepts %s',
    async (accepted) => {
      await start();
      const [response, body] = await fetchRaw(accepted);
      expect(response.headers['content-encoding']).toBe('gzip');
      expect(Number(response.headers['content-length'])).toBe(body.length);
      expect(parsed(gunzipSync(body).toString())).toHaveProperty('results');
    },
  );

  test.each([undefined, 'br', 'gzip;q=0', 'identity'])(
    'is plain if the client accepts %s',
    async (accepted) => {
      await start();
      const [response, body] = await fetchRaw(accepted);
      expect(response.headers['content-encoding']).toBeUndefined();
      expect(parsed(body.toString())).toHaveProperty('results');
    },
  );

  test('leaves the connection open for the next request', async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const [, , one] = await fetchRaw(undefined, agent);
    const [, , two] = await fetchRaw(undefined, agent);
    agent.destroy();
    expect(one).toBeGreaterThan(0);
    expect(two).toBe(one);
  });

  test("has the simulator's time in its Date header", async () => {
    await start({ now: Date.parse('2031-05-06T07:08:09Z') });
    expect((await api.get('/groups')).headers.get('Date')).toBe('Tue, 06 May 2031 07:08:09 GMT');
  });
});

test('a request with a method other than GET returns 405', async () => {
  await start();
  const response = await fetch(`${api.simulator.url}/api/atlas/v2/groups`, { method: 'POST' });
  expect(response.status).toBe(405);
});

test('a running clock continues from the time that it is set to', async () => {
  await start({ now: 0, running: true });
  api.simulator.clock.set(1_000_000);
  const before = performance.now();
  while (performance.now() - before < 20) await new Promise(setImmediate);
  const elapsed = api.simulator.clock.now() - 1_000_000;
  expect(elapsed).toBeGreaterThanOrEqual(19);
  expect(elapsed).toBeLessThan(20_000);
});

test('the request log contains every request, with its operation and status', async () => {
  await start();
  api.simulator.requests.reset();
  const process = api.simulator.organisation.projects[0]?.processes[0]?.id ?? '';
  await api.get(`/groups/${project()}/processes/${encodeURIComponent(process)}/disks?itemsPerPage=7`);
  await api.get('/nothing');
  await api.get('/groups');
  await api.get('/groups');
  const path = `/api/atlas/v2/groups/${project()}/processes/${encodeURIComponent(process)}/disks`;
  expect(api.simulator.requests.list[0]).toEqual({
    method: 'GET',
    path,
    query: 'itemsPerPage=7',
    operation: 'listDisks',
    projectId: project(),
    processId: process,
    status: 200,
    at: api.simulator.clock.now(),
  });
  expect(api.simulator.requests.list[1]).toMatchObject({ operation: null, status: 404 });
  expect(api.simulator.requests.counts()).toEqual({ listDisks: 1, listProjects: 2 });
  await requestToken(api.simulator);
  expect(api.simulator.requests.counts()['token']).toBe(1);
  api.simulator.requests.reset();
  expect(api.simulator.requests.list).toEqual([]);
});
