import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../simulator/server.ts';
import { ACCEPT, type Api, postTokenRequest, requestToken, results, startApi } from './api-client.ts';

let api: Api;
beforeEach(async () => {
  api = await startApi({ rateLimits: false });
});
afterEach(() => api.simulator.close());

const project = (index = 0) => api.simulator.organisation.projects[index]?.id ?? '';
const clusters = (index = 0) => `/groups/${project(index)}/clusters`;
const status = async (path = clusters()) => (await api.get(path)).status;
const add = (fault: Fault) => api.simulator.faults.add(fault);

/** Returns how reading a response ends: with its text, or where it breaks off. */
async function outcome(path = clusters(), signal?: AbortSignal): Promise<string> {
  const headers = { Authorization: `Bearer ${await requestToken(api.simulator)}`, Accept: ACCEPT };
  let response: Response;
  try {
    response = await fetch(`${api.simulator.url}/api/atlas/v2${path}`, {
      headers,
      ...(signal && { signal }),
    });
  } catch (error) {
    return `no response: ${error instanceof Error ? error.name : error}`;
  }
  try {
    await response.text();
    return `${response.status} whole`;
  } catch (error) {
    return `${response.status} cut: ${error instanceof Error ? error.name : error}`;
  }
}

describe('a status fault', () => {
  test('has the recorded body', async () => {
    add({ kind: 'status' });
    const { status: code, document, headers } = await api.get(clusters());
    expect(code).toBe(500);
    expect(document).toEqual({
      detail: 'Unexpected error.',
      error: 500,
      errorCode: 'UNEXPECTED_ERROR',
      parameters: [],
      reason: 'Internal Server Error',
    });
    expect(headers.get('X-Error-Code')).toBe('UNEXPECTED_ERROR');
  });

  test('can be 502, or 503 with Retry-After', async () => {
    add({ kind: 'status', status: 502, count: 1 });
    add({ kind: 'status', status: 503, retryAfter: 7 });
    expect(await status()).toBe(502);
    const { status: code, headers } = await api.get(clusters());
    expect([code, headers.get('Retry-After')]).toEqual([503, '7']);
  });

  test('can be HTML from a gateway', async () => {
    add({ kind: 'status', status: 503, html: true });
    const { status: code, headers, text } = await api.get(clusters());
    expect([code, headers.get('Content-Type')]).toEqual([503, 'text/html']);
    expect(text).toMatch(/^<html>/);
  });

  test('can be any error of the API', async () => {
    add({ kind: 'status', status: 403, errorCode: 'IP_ADDRESS_NOT_ON_WHITELIST' });
    expect(await api.refusal(clusters())).toEqual([403, 'IP_ADDRESS_NOT_ON_WHITELIST']);
  });
});

describe('a body fault', () => {
  test('can end the body before its length', async () => {
    add({ kind: 'cut-body' });
    expect(await outcome()).toMatch(/^200 cut/);
  });

  test('can end the body without the last chunk', async () => {
    add({ kind: 'cut-chunked' });
    expect(await outcome()).toMatch(/^200 cut/);
  });

  test('can replace the body with HTML', async () => {
    add({ kind: 'not-json' });
    const { status: code, text, headers } = await api.get(clusters());
    expect([code, text.startsWith('<html>')]).toEqual([200, true]);
    expect(headers.get('Content-Type')).toMatch(/json/);
  });

  test('can replace the body with another shape', async () => {
    add({ kind: 'wrong-shape', count: 1 });
    expect((await api.get(clusters())).document).toEqual({
      results: 7,
      measurements: 7,
      hardwareMeasurements: 7,
    });
    add({ kind: 'wrong-shape', body: { results: [{ name: null }] } });
    expect((await api.get(clusters())).document).toEqual({ results: [{ name: null }] });
  });
});

describe('a connection fault', () => {
  test('can send no response', async () => {
    add({ kind: 'stall' });
    expect(await outcome(clusters(), AbortSignal.timeout(200))).toBe('no response: TimeoutError');
    expect(api.simulator.requests.list.at(-1)?.status).toBe(0);
  });

  test('can stop in the middle of the body', async () => {
    add({ kind: 'stall-body' });
    const waiting = outcome(clusters(), AbortSignal.timeout(400));
    expect(await Promise.race([waiting, setTimeout(100, 'still waiting')])).toBe('still waiting');
    expect(await waiting).toBe('200 cut: TimeoutError');
  });

  test('can close the connection', async () => {
    add({ kind: 'reset' });
    expect(await outcome()).toBe('no response: TypeError');
  });

  test('does not keep the simulator from closing while a response stalls', async () => {
    add({ kind: 'stall' });
    const waiting = outcome();
    while (api.simulator.requests.list.at(-1)?.operation !== 'listClusters') await setTimeout(1);
    await api.simulator.close();
    expect(await waiting).toBe('no response: TypeError');
    // So that afterEach has a simulator to close.
    api = await startApi();
  });
});

describe('faults', () => {
  test('can affect one project', async () => {
    add({ kind: 'status', projectId: project(1) });
    expect([await status(clusters(0)), await status(clusters(1)), await status('/groups')]).toEqual([
      200, 500, 200,
    ]);
  });

  test('can affect one process, operation or path', async () => {
    const [one, two] = api.simulator.organisation.projects[0]?.processes.map(({ id }) => id) ?? [];
    const disks = (id?: string) => `/groups/${project()}/processes/${encodeURIComponent(id ?? '')}/disks`;
    const affects = async (fault: Omit<Fault, 'kind'>) => {
      const off = add({ kind: 'status', ...fault });
      const seen = [await status(disks(one)), await status(disks(two)), await status()];
      off();
      return seen.map((code) => code === 500);
    };
    expect(await affects({ processId: two ?? '' })).toEqual([false, true, false]);
    expect(await affects({ operation: 'listDisks' })).toEqual([true, true, false]);
    expect(await affects({ pattern: /:27017\/disks$/ })).toEqual([true, true, false]);
    expect(await affects({ pattern: 'clusters' })).toEqual([false, false, true]);
    expect(await affects({ operation: 'listDisks', processId: one ?? '' })).toEqual([true, false, false]);
  });

  test('can affect the token request', async () => {
    add({ kind: 'status', status: 503, operation: 'token', count: 1 });
    expect((await postTokenRequest(api.simulator)).status).toBe(503);
    expect((await postTokenRequest(api.simulator)).status).toBe(200);
  });

  test('can affect a number of requests, in their order', async () => {
    add({ kind: 'status', status: 502, count: 2 });
    add({ kind: 'status', status: 504, count: 1 });
    expect(api.simulator.faults.list).toHaveLength(2);
    expect([await status(), await status(), await status(), await status()]).toEqual([502, 502, 504, 200]);
    expect(api.simulator.faults.list).toEqual([]);
  });

  test('can affect a span of time', async () => {
    const now = api.simulator.clock.now();
    add({ kind: 'status', from: now + 10, until: now + 20 });
    const at = (time: number) => {
      api.simulator.clock.set(now + time);
      return status();
    };
    expect([await at(9), await at(10), await at(19), await at(20)]).toEqual([200, 500, 500, 200]);
  });

  test('can be cleared together', async () => {
    add({ kind: 'status' });
    add({ kind: 'host-unlisted' });
    api.simulator.faults.clear();
    expect(await status()).toBe(200);
    expect(results(await api.get(`/groups/${project()}/processes`))).toHaveLength(3);
  });
});

describe('a host fault', () => {
  const ids = () => api.simulator.organisation.projects[0]?.processes.map(({ id }) => id) ?? [];
  const listed = async () =>
    results(await api.get(`/groups/${project()}/processes`)).map(({ id }) => ids().indexOf(String(id)));
  const codes = async (id = '') =>
    Promise.all(
      ['databases', 'disks', 'disks/data', 'disks/data/measurements?granularity=PT1M&period=PT1H'].map(
        (path) => status(`/groups/${project()}/processes/${id}/${path}`),
      ),
    );

  test('can hide a host that is still listed', async () => {
    const [, two] = ids();
    add({ kind: 'host-not-found', processId: two ?? '' });
    expect(await codes(two)).toEqual([404, 404, 404, 404]);
    expect(await api.refusal(`/groups/${project()}/processes/${two}/disks`)).toEqual([404, 'HOST_NOT_FOUND']);
    expect(await codes(ids()[0])).toEqual([200, 200, 200, 200]);
    expect(await listed()).toEqual([0, 1, 2]);
  });

  test('can remove a host from the list only', async () => {
    const [, two] = ids();
    add({ kind: 'host-unlisted', processId: two ?? '' });
    expect(await listed()).toEqual([0, 2]);
    expect(await codes(two)).toEqual([200, 200, 200, 200]);
  });
});
