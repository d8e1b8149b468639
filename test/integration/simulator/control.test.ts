import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, parsed, startApi } from './api-client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ control: true, now: 1_000_000_000_000 });
});
afterAll(() => api.simulator.close());

async function control(method: string, path: string, body?: object) {
  const response = await fetch(`${api.simulator.url}/_simulator/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, document: parsed(await response.text()) };
}

test('the clock can be read, set and advanced', async () => {
  expect(await control('GET', 'clock')).toEqual({ status: 200, document: { now: 1_000_000_000_000 } });
  await control('PUT', 'clock', { now: 1_700_000_000_000 });
  expect(api.simulator.clock.now()).toBe(1_700_000_000_000);
  expect((await control('PUT', 'clock', { advance: 5 })).document).toEqual({ now: 1_700_000_000_005 });
});

test('faults can be added and cleared', async () => {
  const fault = { kind: 'status', status: 502, count: 1 };
  expect(await control('POST', 'faults', fault)).toEqual({ status: 200, document: { faults: [fault] } });
  expect((await api.get('/groups')).status).toBe(502);
  await control('POST', 'faults', { kind: 'status', pattern: 'groups$' });
  expect((await api.get('/groups')).status).toBe(500);
  expect((await control('DELETE', 'faults')).document).toEqual({ faults: [] });
  expect((await api.get('/groups')).status).toBe(200);
});

test('tokens can be expired', async () => {
  await control('POST', 'faults', { kind: 'expire-tokens' });
  await control('DELETE', 'requests');
  await api.get('/groups');
  expect(api.simulator.requests.list.map(({ operation, status }) => [operation, status])).toEqual([
    ['listProjects', 401],
    ['token', 200],
    ['listProjects', 200],
  ]);
});

test('requests can be read and cleared, and exclude control requests', async () => {
  await control('DELETE', 'requests');
  await api.get('/groups');
  const { document } = await control('GET', 'requests');
  expect(document).toEqual({ requests: api.simulator.requests.list, counts: { listProjects: 1 } });
  expect(api.simulator.requests.list).toHaveLength(1);
});

test('a bucket can be drained', async () => {
  const scope = api.simulator.organisation.projects[0]?.id ?? '';
  const { document } = await control('POST', 'drain', { set: 'monitoring', scope, requests: 290 });
  expect(document).toMatchObject({ remaining: 10 });
});

test.each([
  ['POST', 'faults', { kind: 'earthquake' }],
  ['POST', 'faults', { kind: 'status', statsu: 500 }],
  ['PUT', 'clock', { now: 'noon' }],
  ['POST', 'drain', { set: 'bathtub', scope: 'x', requests: 1 }],
])('%s %s rejects %o', async (method, path, body) => {
  expect((await control(method, path, body)).status).toBe(400);
});

test('an unknown operation returns 404', async () => {
  expect((await control('GET', 'nothing')).status).toBe(404);
  expect((await control('GET', 'toString')).status).toBe(404);
});

test('the control API is off by default', async () => {
  const closed = await startApi();
  expect((await fetch(`${closed.simulator.url}/_simulator/clock`)).status).toBe(404);
  await closed.simulator.close();
});
