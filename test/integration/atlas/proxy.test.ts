import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAtlasClient } from '../../../shared/atlas/client.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { proxyFrom } from '../../../shared/https-proxy.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import {
  errorBody,
  failureOf,
  json,
  ONE_DISK,
  PROCESS,
  PROJECT,
  ScriptedAtlas,
  SERVICE_ACCOUNT,
  silent,
  TOKEN,
  tokenBody,
} from './scripted-atlas.ts';
import { selfSignedCertificate } from './self-signed.ts';

const certificate = selfSignedCertificate();
const trusted = tls.getCACertificates('default');
let answer: unknown = ONE_DISK;
let status = 200;
const atlas = createServer(certificate, (request, response) => {
  if (request.url === '/api/oauth/token') json(response, 200, tokenBody(TOKEN));
  else json(response, status, answer);
});
let proxy: ConnectProxy;
const cleanUp: Array<() => Promise<unknown>> = [];

beforeEach(async () => {
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  answer = ONE_DISK;
  status = 200;
  atlas.listen(0, '127.0.0.1');
  await once(atlas, 'listening');
});

afterEach(async () => {
  tls.setDefaultCACertificates(trusted);
  for (const clean of cleanUp.splice(0).reverse()) await clean();
  atlas.closeAllConnections();
  atlas.close();
  await once(atlas, 'close');
});

async function start(options: Parameters<typeof startConnectProxy>[0] = {}): Promise<void> {
  proxy = await startConnectProxy(options);
  cleanUp.push(() => proxy.close());
}

const host = () => `127.0.0.1:${(atlas.address() as AddressInfo).port}`;

/** Lists the disks through the proxy that these variables name. */
function listDisks(variables: Record<string, string>, baseUrl = `https://${host()}`) {
  const client = createAtlasClient({
    baseUrl,
    credentials: async () => SERVICE_ACCOUNT,
    clock: new SkippingClock(),
    random: () => 0,
    reserve: 0.2,
    log: silent,
    proxy: proxyFrom(variables),
  });
  cleanUp.push(() => client.close());
  return client.session({ deadline: Number.POSITIVE_INFINITY }).listDisks(PROJECT, PROCESS);
}

/** Returns a proxy's address with a user and password. */
const as = (credentials: string) => proxy.url.replace('://', `://${credentials}@`);

describe('requests to Atlas', () => {
  it.each([
    ['HTTP', {}],
    ['HTTPS', { tls: certificate }],
  ])('go through a proxy that speaks %s', async (_, options) => {
    await start(options);
    expect(await listDisks({ HTTPS_PROXY: proxy.url })).toEqual(wholeListing(['data']));
    expect(new Set(proxy.tunnels.map(({ target }) => target))).toEqual(new Set([host()]));
    expect(proxy.requests).toEqual([]);
  });

  it.each(['127.0.0.1', '*', 'cloud.mongodb.com, 127.0.0.1'])(
    'go directly if NO_PROXY is %s',
    async (NO_PROXY) => {
      await start();
      expect(await listDisks({ HTTPS_PROXY: proxy.url, NO_PROXY })).toEqual(wholeListing(['data']));
      expect(proxy.tunnels).toEqual([]);
    },
  );

  it('go through the proxy if NO_PROXY names other hosts, or another port', async () => {
    await start();
    const NO_PROXY = 'example.com,127.0.0.1:1,mongodb.com';
    await listDisks({ HTTPS_PROXY: proxy.url, NO_PROXY });
    expect(proxy.tunnels.length).toBeGreaterThan(0);
  });

  it('go directly over plain http, which is for loopback only', async () => {
    await start();
    const plain = await ScriptedAtlas.start((_request, response) => json(response, 200, ONE_DISK));
    cleanUp.push(() => plain.stop());
    const variables = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
    expect(await listDisks(variables, plain.url)).toEqual(wholeListing(['data']));
    expect([proxy.tunnels, proxy.requests]).toEqual([[], []]);
  });

  it('authenticate to the proxy with its user and password, decoded', async () => {
    await start({ credentials: 'CANARY-user:p@ss:ä' });
    const HTTPS_PROXY = as('CANARY-user:p%40ss%3A%C3%A4');
    expect(await listDisks({ HTTPS_PROXY })).toEqual(wholeListing(['data']));
  });
});

describe('a failure', () => {
  it('of the password names neither user nor password', async () => {
    await start({ credentials: 'user:right' });
    const error = await failureOf(listDisks({ HTTPS_PROXY: as('CANARY1:CANARY2') }));
    expect(String(error)).toMatch(
      /Atlas cannot be reached \(the proxy requires another user or password \(407\)\)/,
    );
    expect(inspected(error)).not.toMatch(/CANARY|Q0FOQVJZ/);
  });

  it('of a proxy that refuses the host is not taken for an answer of Atlas', async () => {
    await start({ refusal: 403 });
    const error = await failureOf(listDisks({ HTTPS_PROXY: proxy.url }));
    expect(error).toMatchObject({ name: 'AtlasUnreachableError' });
    expect(String(error)).toContain('the proxy refused the connection (403)');
  });

  it('of a proxy that is not there says so in one line', async () => {
    await start();
    await proxy.close();
    cleanUp.pop();
    const error = await failureOf(listDisks({ HTTPS_PROXY: as('CANARY1:CANARY2') }));
    expect(String(error)).toMatch(
      /^AtlasUnreachableError: requestToken: Atlas cannot be reached \(.*ECONNREFUSED.*\) \(after 5 attempts\)$/,
    );
    expect(inspected(error)).not.toMatch(/CANARY/);
  });

  it('of a proxy with an unknown certificate sends nothing', async () => {
    await start({ tls: certificate });
    tls.setDefaultCACertificates(trusted);
    const error = await failureOf(listDisks({ HTTPS_PROXY: as('CANARY1:CANARY2') }));
    expect(String(error)).toMatch(/self-signed certificate/);
    expect(proxy.tunnels).toEqual([]);
  });

  it("that repeats the proxy's password is redacted", async () => {
    await start({ credentials: 'CANARY1:CANARY2' });
    status = 403;
    answer = errorBody(403, 'BLOCKED', 'user CANARY1 with CANARY2 and Q0FOQVJZMTpDQU5BUlky may not');
    const error = await failureOf(listDisks({ HTTPS_PROXY: as('CANARY1:CANARY2') }));
    expect(String(error)).toContain('user [redacted] with [redacted] and [redacted] may not');
    expect(inspected(error)).not.toMatch(/CANARY|Q0FOQVJZ/);
  });
});

/** Returns everything that a log could write about an error. */
function inspected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stack, cause, ...fields } = { ...error, stack: error.stack, cause: error.cause };
  return `${stack} ${JSON.stringify(fields)} ${inspected(cause ?? '')}`;
}
