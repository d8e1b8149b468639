import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { AtlasCredentials } from '../../../shared/atlas/api.ts';
import { AtlasAuthenticationError, AtlasConfigurationError } from '../../../shared/atlas/errors.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import {
  API_KEY,
  errorBody,
  failureOf,
  json,
  ONE_DISK,
  PROCESS,
  PROJECT,
  ScriptedAtlas,
  SERVICE_ACCOUNT,
  TOKEN,
  tokenBody,
} from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

/** Starts a server that issues the tokens `token<n>`, and accepts those that match. */
async function startWithTokens(accepted: (token: string) => boolean): Promise<ScriptedAtlas> {
  const server = await ScriptedAtlas.start((request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (accepted(token)) json(response, 200, ONE_DISK);
    else json(response, 401, errorBody(401, 'UNAUTHORIZED'));
  });
  server.onToken = (_request, response, count) => json(response, 200, tokenBody(`token${count}`));
  return server;
}

const RENAMED: AtlasCredentials = { ...SERVICE_ACCOUNT, clientSecret: 'mdb_sa_sk_NEW' };
const basic = (credentials: { clientId: string; clientSecret: string }) =>
  `Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')}`;

/** Answers as a gateway does that wants its own login. */
function foreign401(response: ServerResponse): void {
  response.writeHead(401, { 'content-type': 'text/html', 'www-authenticate': 'Negotiate' }).end('<html>');
}

describe.each([
  ['a service account', SERVICE_ACCOUNT],
  ['an API key', API_KEY],
])('a 401 that is not from Atlas, with %s', (_kind, credentials) => {
  /** Starts a server behind a gateway that refuses the lists of disks and of projects. */
  async function start(): Promise<ScriptedAtlas> {
    return ScriptedAtlas.start((request, response) => {
      if (/\/disks|\/groups\?/.test(request.url ?? '')) foreign401(response);
      else if (request.headers.authorization === undefined) {
        json(response, 401, errorBody(401, 'UNEXPECTED_ERROR'), {
          'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"',
        });
      } else json(response, 200, ONE_DISK);
    });
  }

  it('fails the request alone, and keeps the token and the nonce', async () => {
    atlas = await start();
    let read = 0;
    const session = atlas.session({
      credentials: async () => {
        read += 1;
        return credentials;
      },
    });
    for (let count = 0; count < 2; count += 1) await session.listDatabases(PROJECT, PROCESS);
    const before = atlas.requests.length;
    expect(await failureOf(session.listDisks(PROJECT, PROCESS))).toMatchObject({
      name: 'AtlasApiError',
      status: 401,
      message: 'listDisks: a response that is not from Atlas (it has no error code): 401 Unauthorized',
    });
    await session.listDatabases(PROJECT, PROCESS);
    expect(atlas.requests).toHaveLength(before + 2);
    expect(atlas.tokenRequests.length).toBeLessThanOrEqual(1);
    expect(read).toBe(1);
  });

  it('refuses the credentials if it is the answer to the list of projects', async () => {
    atlas = await start();
    const session = atlas.session({ credentials: async () => credentials });
    const error = await failureOf(session.listProjects());
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
  });
});

describe('a service account', () => {
  it('renews a token that a gateway refuses, unless the token is younger than a minute', async () => {
    let newest = '';
    atlas = await ScriptedAtlas.start((request, response) => {
      if (request.headers.authorization !== `Bearer ${newest}`) foreign401(response);
      else json(response, 200, ONE_DISK);
    });
    atlas.onToken = (_request, response, count) => {
      newest = `token${count}`;
      json(response, 200, tokenBody(newest));
    };
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    await session.listDisks(PROJECT, PROCESS);
    newest = 'revoked';
    expect(await failureOf(session.listDisks(PROJECT, PROCESS))).toMatchObject({ status: 401 });
    expect(atlas.tokenRequests).toHaveLength(1);
    clock.skip(61_000);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it('requests one token for many concurrent requests, and counts it', async () => {
    atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, ONE_DISK));
    const session = atlas.session();
    await Promise.all(Array.from({ length: 10 }, () => session.listDisks(PROJECT, PROCESS)));
    expect(atlas.tokenRequests).toEqual([
      { authorization: basic(SERVICE_ACCOUNT), body: 'grant_type=client_credentials' },
    ]);
    expect(new Set(atlas.requests.map((request) => request.authorization))).toEqual(
      new Set([`Bearer ${TOKEN}`]),
    );
    expect(session.traffic.requests).toBe(11);
  });

  it('renews the token five minutes before it expires', async () => {
    atlas = await startWithTokens(() => true);
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    await session.listDisks(PROJECT, PROCESS);
    clock.skip(3_299_000);
    await session.listDisks(PROJECT, PROCESS);
    clock.skip(1_000);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.requests.map((request) => request.authorization)).toEqual([
      'Bearer token1',
      'Bearer token1',
      'Bearer token2',
    ]);
  });

  it('renews a short-lived token when a fifth of its lifetime is left', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response, count) => json(response, 200, tokenBody(`token${count}`, 100));
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    await session.listDisks(PROJECT, PROCESS);
    clock.skip(79_000);
    await session.listDisks(PROJECT, PROCESS);
    clock.skip(1_000);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it('keeps using a valid token if its early renewal fails', async () => {
    atlas = await startWithTokens(() => true);
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    await session.listDisks(PROJECT, PROCESS);
    atlas.onToken = (_request, response) => json(response, 500, errorBody(500, 'UNEXPECTED_ERROR'));
    clock.skip(3_400_000);
    await session.listDisks(PROJECT, PROCESS);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.requests.map((request) => request.authorization)).toEqual(Array(3).fill('Bearer token1'));
    expect(atlas.tokenRequests).toHaveLength(6);
    clock.skip(200_000);
    await expect(session.listDisks(PROJECT, PROCESS)).rejects.toMatchObject({
      name: 'AtlasApiError',
      status: 500,
    });
  });

  it('renews the token once for ten requests that are refused together', async () => {
    atlas = await startWithTokens((token) => token === 'token2' || atlas.requests.length === 1);
    const session = atlas.session();
    await session.listDisks(PROJECT, PROCESS);
    await Promise.all(Array.from({ length: 10 }, () => session.listDisks(PROJECT, PROCESS)));
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it('fails if Atlas also refuses the renewed token', async () => {
    atlas = await startWithTokens(() => false);
    let read = 0;
    const credentials = async () => {
      read += 1;
      return SERVICE_ACCOUNT;
    };
    const error = await failureOf(atlas.session({ credentials }).listDisks(PROJECT, PROCESS));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(error).toMatchObject({ operation: 'listDisks' });
    expect(atlas.requests).toHaveLength(2);
    expect(read).toBe(2);
  });

  it('fails immediately if Atlas does not know the client, and sends no token requests for a minute', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response) =>
      json(response, 401, { error: 'invalid_client', error_description: 'Invalid credentials provided.' });
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    const error = await failureOf(session.listDisks(PROJECT, PROCESS));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(error).toMatchObject({
      message: 'requestToken: Atlas refuses the service account: Invalid credentials provided.',
    });
    await expect(session.listProjects()).rejects.toBeInstanceOf(AtlasAuthenticationError);
    expect(atlas.tokenRequests).toHaveLength(1);
    expect(atlas.requests).toHaveLength(0);
    clock.skip(MINUTE);
    await expect(session.listProjects()).rejects.toBeInstanceOf(AtlasAuthenticationError);
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it('fails immediately if an unknown client is reported with another status', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response) => json(response, 400, { error: 'invalid_client' });
    const error = await failureOf(atlas.session().listDisks(PROJECT, PROCESS));
    expect(error).toMatchObject({ name: 'AtlasAuthenticationError', operation: 'requestToken' });
  });

  it('uses new credentials if the old ones are refused, and reads them once for all requests', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (request, response, count) => {
      if (request.headers.authorization === basic(RENAMED)) json(response, 200, tokenBody(`token${count}`));
      else
        json(response, 401, { error: 'invalid_client', error_description: 'Invalid credentials provided.' });
    };
    let read = 0;
    const credentials = async () => {
      read += 1;
      return read === 1 ? SERVICE_ACCOUNT : RENAMED;
    };
    const session = atlas.session({ credentials });
    await Promise.all(Array.from({ length: 5 }, () => session.listDisks(PROJECT, PROCESS)));
    expect(read).toBe(2);
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it('retries the token request if the endpoint is busy or broken', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response, count) => {
      if (count === 1) json(response, 503, {});
      else if (count === 2) response.writeHead(200).end('<html>');
      else if (count === 3) json(response, 429, errorBody(429, 'RATE_LIMITED'), { 'retry-after': '1' });
      else json(response, 200, tokenBody('token'));
    };
    const session = atlas.session({ reserve: 0 });
    await Promise.all(Array.from({ length: 5 }, () => session.listDisks(PROJECT, PROCESS)));
    expect(atlas.tokenRequests).toHaveLength(4);
    expect(session.traffic.throttled).toBeGreaterThanOrEqual(1);
  });

  it('gives up after five failed token requests', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response) => json(response, 502, {});
    const session = atlas.session();
    const failures = await Promise.all([1, 2, 3].map(() => failureOf(session.listDisks(PROJECT, PROCESS))));
    for (const error of failures) {
      expect(error).toMatchObject({
        name: 'AtlasApiError',
        operation: 'requestToken',
        status: 502,
        attempts: 5,
      });
    }
    expect(atlas.tokenRequests).toHaveLength(5);
  });

  it('lets a session with time left request the token after another session ran out of time', async () => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response, count) => {
      if (count > 1) json(response, 200, tokenBody('token'));
    };
    const client = atlas.client();
    const now = new SkippingClock().now();
    const hasty = client.session({ deadline: now + 300 }).listDisks(PROJECT, PROCESS);
    const patient = client.session({ deadline: now + 20_000 }).listDisks(PROJECT, PROCESS);
    await expect(hasty).rejects.toMatchObject({ name: 'AtlasDeadlineError' });
    expect(await patient).toEqual(wholeListing(['data']));
  });

  it.each([
    ['a number as text', '100', 80],
    ['null', null, 3_300],
    ['zero', 0, 3_300],
    ['negative', -1, 3_300],
    ['no number', 'soon', 3_300],
    ['neither a number nor text', true, 3_300],
  ])('uses a token whose lifetime is %s, and renews it', async (_what, expires_in, seconds) => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response, count) =>
      json(response, 200, { access_token: `token${count}`, expires_in });
    const clock = new SkippingClock();
    const session = atlas.session({ clock });
    await session.listDisks(PROJECT, PROCESS);
    clock.skip(seconds * 1_000 - 2_000);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.tokenRequests).toHaveLength(1);
    clock.skip(2_000);
    await session.listDisks(PROJECT, PROCESS);
    expect(atlas.tokenRequests).toHaveLength(2);
  });

  it.each([
    ['without a token', { expires_in: 3_600, token_type: 'Bearer' }, 'access_token: expected string'],
    ['for another scheme', { ...tokenBody('t'), token_type: 'MAC' }, 'token_type'],
  ])('rejects a token response %s', async (_what, body, message) => {
    atlas = await startWithTokens(() => true);
    atlas.onToken = (_request, response) => json(response, 200, body);
    const error = await failureOf(atlas.session().listDisks(PROJECT, PROCESS));
    expect(error).toMatchObject({ name: 'AtlasResponseError', operation: 'requestToken' });
    expect(String(error)).toContain(message);
    expect(atlas.tokenRequests).toHaveLength(1);
  });

  it('rejects malformed credentials without sending them', async () => {
    atlas = await startWithTokens(() => true);
    const credentials = async () => ({ ...SERVICE_ACCOUNT, clientSecret: 'secret\n' });
    await expect(atlas.session({ credentials }).listProjects()).rejects.toBeInstanceOf(
      AtlasConfigurationError,
    );
    expect(atlas.tokenRequests).toHaveLength(0);
  });

  it('reads the credentials again if reading them failed', async () => {
    atlas = await startWithTokens(() => true);
    let read = 0;
    const credentials = async () => {
      read += 1;
      if (read === 1) throw new Error('no secret today');
      return SERVICE_ACCOUNT;
    };
    const session = atlas.session({ credentials });
    await expect(session.listDisks(PROJECT, PROCESS)).rejects.toThrow('no secret today');
    expect((await session.listDisks(PROJECT, PROCESS)).items).toEqual(['data']);
  });
});

describe('an API key', () => {
  const credentials = async () => API_KEY;

  /** Starts a server that accepts each nonce a given number of times. */
  async function startWithNonces(uses: number, stale = true): Promise<ScriptedAtlas> {
    let nonce = 0;
    const left = new Map<string, number>();
    return ScriptedAtlas.start((request, response) => {
      const [, used = ''] = /\bnonce="(n\d+)"/.exec(request.headers.authorization ?? '') ?? [];
      const more = left.get(used) ?? 0;
      if (more > 0) {
        left.set(used, more - 1);
        json(response, 200, ONE_DISK);
        return;
      }
      nonce += 1;
      left.set(`n${nonce}`, uses);
      json(response, 401, errorBody(401, 'UNEXPECTED_ERROR'), {
        'www-authenticate': `Digest realm="MMS Public API", domain="", nonce="n${nonce}", algorithm=MD5, qop="auth", stale=${stale && nonce > 1}`,
      });
    });
  }

  const field = (name: string) => (request: { authorization: string | undefined }) =>
    new RegExp(`\\b${name}="?([^",]+)`).exec(request.authorization ?? '')?.[1];

  it('sends one request per call after the first, with rising counts', async () => {
    atlas = await startWithNonces(100);
    const session = atlas.session({ credentials });
    for (let count = 0; count < 4; count += 1) await session.listDisks(PROJECT, PROCESS);
    expect(atlas.requests.map(field('nc'))).toEqual([
      undefined,
      '00000001',
      '00000002',
      '00000003',
      '00000004',
    ]);
    expect(session.traffic.requests).toBe(5);
    expect(new Set(atlas.requests.slice(1).map(field('cnonce'))).size).toBe(4);
  });

  it('signs the target exactly as sent', async () => {
    atlas = await startWithNonces(100);
    await atlas.session({ credentials, baseUrl: `${atlas.url}/prefix/` }).listDisks(PROJECT, PROCESS);
    const [, signed] = atlas.requests;
    expect(signed?.url).toBe(
      `/prefix/api/atlas/v2/groups/${PROJECT}/processes/${PROCESS}/disks?itemsPerPage=500&pageNum=1`,
    );
    expect(signed && field('uri')(signed)).toBe(signed?.url);
  });

  it('shares one challenge among concurrent requests, in one bucket or several', async () => {
    atlas = await startWithNonces(100);
    const client = atlas.client({ credentials });
    const session = client.session({ deadline: Number.POSITIVE_INFINITY });
    const others = ['6a793f5cc0eb9e7a17714701', '6a793f5cc0eb9e7a17714702'] as (typeof PROJECT)[];
    await Promise.all([PROJECT, PROJECT, ...others].map((project) => session.listDisks(project, PROCESS)));
    expect(atlas.requests.filter((request) => request.authorization === undefined)).toHaveLength(1);
    expect(atlas.requests.map(field('nc')).sort()).toEqual([
      '00000001',
      '00000002',
      '00000003',
      '00000004',
      undefined,
    ]);
  });

  it.each([
    ['stale', true],
    ['only new', false],
  ])('signs again if the nonce is used up and the next is %s', async (_what, stale) => {
    atlas = await startWithNonces(2, stale);
    const session = atlas.session({ credentials });
    for (let count = 0; count < 6; count += 1) await session.listDisks(PROJECT, PROCESS);
    // Six responses, the first challenge, and a refusal before each of the two new nonces.
    expect(atlas.requests).toHaveLength(9);
  });

  it('completes concurrent requests if each nonce is valid for one of them', async () => {
    atlas = await startWithNonces(1);
    const session = atlas.session({ credentials });
    const disks = await Promise.all([1, 2, 3, 4].map(() => session.listDisks(PROJECT, PROCESS)));
    expect(disks).toHaveLength(4);
  });

  it.each([
    ['as wrong, twice', false, 3],
    ['as stale, again and again', true, 7],
  ])('fails if a fresh nonce is refused %s', async (_how, stale, requests) => {
    atlas = await startWithNonces(0, stale);
    const error = await failureOf(atlas.session({ credentials }).listDisks(PROJECT, PROCESS));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(atlas.requests).toHaveLength(requests);
  });

  it.each([
    'Basic realm="x"',
    'Digest realm="x", nonce="n", qop="auth-int"',
    'Digest realm="x", nonce="n", algorithm=MD5-sess',
  ])('fails if Atlas offers no supported challenge: %s', async (challenge) => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 401, errorBody(401, 'UNAUTHORIZED'), { 'www-authenticate': challenge }),
    );
    const error = await failureOf(atlas.session({ credentials }).listDisks(PROJECT, PROCESS));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(String(error)).toContain(
      'listDisks: Atlas offers no supported way to authenticate (401): the credentials were not sent',
    );
    expect(atlas.requests).toHaveLength(2);
  });

  it('is refused by a Digest challenge without an error code', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 401, {}, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' }),
    );
    const error = await failureOf(atlas.session({ credentials }).listDisks(PROJECT, PROCESS));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(String(error)).toMatch(/^AtlasAuthenticationError: listDisks: .*refuses the credentials.*$/);
    expect(atlas.requests).toHaveLength(3);
  });

  it('switches to a service account if the refused key was replaced by one', async () => {
    atlas = await ScriptedAtlas.start((request, response) => {
      if (request.headers.authorization === `Bearer ${TOKEN}`) json(response, 200, ONE_DISK);
      else json(response, 401, {}, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' });
    });
    let read = 0;
    const rotating = async () => {
      read += 1;
      return read === 1 ? API_KEY : SERVICE_ACCOUNT;
    };
    expect((await atlas.session({ credentials: rotating }).listDisks(PROJECT, PROCESS)).items).toEqual([
      'data',
    ]);
  });

  it('does not wait for a first request that gets no response', async () => {
    atlas = await ScriptedAtlas.start((request, response, count) => {
      if (count === 1) request.socket.destroy();
      else if (request.headers.authorization === undefined)
        json(response, 401, {}, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' });
      else json(response, 200, ONE_DISK);
    });
    const session = atlas.session({ credentials });
    const found = await Promise.all([1, 2, 3].map(() => session.listDisks(PROJECT, PROCESS)));
    expect(found).toEqual(Array(3).fill(wholeListing(['data'])));
  });
});
