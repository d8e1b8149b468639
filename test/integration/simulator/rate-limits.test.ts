import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../../simulator/server.ts';
import { SECOND } from '../../../simulator/time.ts';
import { type Api, type ApiResponse, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  api = await startApi(options);
};

const project = (index: number) => api.simulator.organisation.projects[index]?.id ?? '';
const processes = (index = 0) => api.get(`/groups/${project(index)}/processes`);
const limits = ({ headers }: ApiResponse) => [
  headers.get('RateLimit-Limit'),
  headers.get('RateLimit-Remaining'),
  headers.get('Retry-After'),
];
const statistics = (index = 0) => api.simulator.rateLimits.statistics('monitoring', project(index));

describe('a bucket', () => {
  test('has the documented size, shared by the endpoints of a set in a project', async () => {
    await start();
    expect(limits(await processes())).toEqual(['300', '299', null]);
    const id = api.simulator.organisation.projects[0]?.processes[0]?.id;
    const path = `/groups/${project(0)}/processes/${id}`;
    expect(limits(await api.get(`${path}/databases`))).toEqual(['300', '298', null]);
    expect(limits(await api.get(`${path}/disks`))).toEqual(['300', '297', null]);
    const wrong = await api.get(`${path}/disks/data/measurements?granularity=PT3M`);
    expect([wrong.status, ...limits(wrong)]).toEqual([400, '300', '296', null]);
    expect(limits(await api.get(`/groups/${project(0)}/clusters`))).toEqual(['10000', '9999', null]);
    expect(limits(await api.get('/groups'))).toEqual(['1200', '1199', null]);
    expect(limits(await processes(1))).toEqual(['300', '299', null]);
  });

  test('for the set of projects belongs to the user', async () => {
    await start();
    await api.get('/groups');
    const { rateLimits, credentials } = api.simulator;
    expect(rateLimits.statistics('projects', credentials.clientId).remaining).toBe(1199);
    expect(rateLimits.statistics('projects', credentials.publicKey).remaining).toBe(1200);
  });

  test('refills steadily, up to its size', async () => {
    await start();
    api.simulator.rateLimits.drain('monitoring', project(0), 250);
    expect(limits(await processes())[1]).toBe('49');
    // 100 in 60 seconds: 5 in 3 seconds.
    api.simulator.clock.advance(3 * SECOND);
    expect(limits(await processes())[1]).toBe('53');
    api.simulator.clock.advance(3600 * SECOND);
    expect(limits(await processes())[1]).toBe('299');
  });

  test('that is empty refuses requests as documented', async () => {
    await start();
    api.simulator.rateLimits.drain('monitoring', project(0), 299);
    expect((await processes()).status).toBe(200);
    const refused = await processes();
    expect(refused.status).toBe(429);
    // 100 in 60 seconds are 0.6 seconds for one, rounded up to a second.
    expect(limits(refused)).toEqual(['300', '0', '1']);
    const path = `api/atlas/v2/groups/${project(0)}/processes`;
    expect(refused.document).toEqual({
      detail: `Rate limit exceeded for ${path}. Please retry after 1 seconds. Request capacity: 300. Refill rate: 100 per 60 seconds.`,
      error: 429,
      errorCode: 'RATE_LIMITED_TOKEN_BUCKET',
      parameters: [path, 1, 300, 100, 60],
      reason: 'Too Many Requests',
    });
    expect((await processes(1)).status).toBe(200);
    api.simulator.clock.advance(SECOND);
    expect((await processes()).status).toBe(200);
  });

  test('reports how long to wait if it refills slowly', async () => {
    await start({ rateLimits: { sizes: { monitoring: { capacity: 10, refill: 5 } } } });
    api.simulator.rateLimits.drain('monitoring', project(0), 10);
    api.simulator.clock.advance(5 * SECOND);
    expect(limits(await processes())).toEqual(['10', '0', '7']);
    api.simulator.clock.advance(7 * SECOND);
    expect((await processes()).status).toBe(200);
  });

  test('counts allowed, refused and early requests, until a reset', async () => {
    await start();
    expect(statistics()).toEqual({
      requests: 0,
      throttled: 0,
      early: 0,
      lowestRemaining: 300,
      remaining: 300,
    });
    await processes();
    await processes();
    expect(statistics()).toEqual({
      requests: 2,
      throttled: 0,
      early: 0,
      lowestRemaining: 298,
      remaining: 298,
    });
    api.simulator.rateLimits.drain('monitoring', project(0), 298);
    await processes();
    api.simulator.clock.advance(999);
    // One request is available by now, but the client should have waited for a whole second.
    expect((await processes()).status).toBe(200);
    api.simulator.clock.advance(1);
    await processes();
    expect(statistics()).toMatchObject({ requests: 5, throttled: 2, early: 1, lowestRemaining: 0 });
    api.simulator.rateLimits.reset();
    expect(statistics()).toEqual({
      requests: 0,
      throttled: 0,
      early: 0,
      lowestRemaining: 300,
      remaining: 300,
    });
  });
});

describe('rate limits', () => {
  test('have no headers if the options turn them off', async () => {
    await start({ rateLimits: { headers: false, retryAfter: false } });
    expect(limits(await processes())).toEqual([null, null, null]);
    api.simulator.rateLimits.drain('monitoring', project(0), 300);
    const refused = await processes();
    expect([refused.status, ...limits(refused)]).toEqual([429, null, null, null]);
  });

  test('refuse with the older body if the options say so', async () => {
    await start({ rateLimits: { legacyBody: true } });
    api.simulator.rateLimits.drain('monitoring', project(0), 300);
    expect((await processes()).document).toMatchObject({ errorCode: 'RATE_LIMITED', error: 429 });
  });

  test('that are off refuse no request and still count', async () => {
    await start({ rateLimits: false });
    for (let count = 0; count < 320; count += 1) await processes();
    expect(statistics()).toMatchObject({ requests: 320, throttled: 0 });
    expect(Number(limits(await processes())[1])).toBeGreaterThan(900_000);
  });
});
