import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator/server.ts';
import { HOUR, MINUTE } from '../../../simulator/time.ts';
import { ACCEPT, parsed, postTokenRequest, read, requestToken, results } from './api-client.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  simulator = await startSimulator(options);
};

const GROUPS = '/api/atlas/v2/groups';

const withToken = (token: string, path = GROUPS) =>
  read(simulator.url + path, { Authorization: `Bearer ${token}`, Accept: ACCEPT });

/** The recorded body of a 401. */
const UNAUTHORIZED = {
  error: 401,
  reason: 'Unauthorized',
  detail: 'You are not authorized for this resource.',
  errorCode: 'UNEXPECTED_ERROR',
};

describe('a service account', () => {
  test("gets a token that is valid for an hour of the simulator's clock", async () => {
    await start();
    const response = await postTokenRequest(simulator);
    expect(response.status).toBe(200);
    const document = parsed(await response.text());
    expect(document).toEqual({
      access_token: expect.any(String),
      expires_in: 3600,
      token_type: 'Bearer',
    });
    const token = String(document['access_token']);
    simulator.clock.advance(HOUR - 1);
    expect((await withToken(token)).status).toBe(200);
    simulator.clock.advance(1);
    const expired = await withToken(token);
    expect(expired).toMatchObject({ status: 401, document: UNAUTHORIZED });
    expect(expired.headers.get('WWW-Authenticate')).not.toMatch(/Digest/);
    expect((await withToken(await requestToken(simulator))).status).toBe(200);
  });

  test.each([
    ['secret', 'mdb_sa_id_simulator', 'wrong'],
    ['id', 'wrong', 'mdb_sa_sk_not-a-secret'],
  ])('with a wrong %s gets an OAuth error', async (_, id, secret) => {
    await start();
    const response = await postTokenRequest(simulator, id, secret);
    expect(response.status).toBe(401);
    // The documented body.
    expect(parsed(await response.text())).toEqual({
      error_description: 'Invalid credentials provided.',
      error: 'invalid_client',
    });
  });

  test.each([
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{}, 'unsupported_grant_type'],
  ])('with the form %o is rejected', async (form, error) => {
    await start();
    const { clientId, clientSecret } = simulator.credentials;
    const response = await fetch(`${simulator.url}/api/oauth/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams(form),
    });
    expect([response.status, parsed(await response.text())['error']]).toEqual([400, error]);
  });

  test('may send ten token requests a minute', async () => {
    await start();
    const statuses: number[] = [];
    for (let count = 0; count < 10; count += 1) statuses.push((await postTokenRequest(simulator)).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = await postTokenRequest(simulator);
    expect(refused.status).toBe(429);
    // The documented body.
    expect(parsed(await refused.text())).toEqual({
      detail: 'Resource /api/oauth/token is limited to 10 requests every 1 minutes.',
      error: 429,
      errorCode: 'RATE_LIMITED',
      parameters: ['/api/oauth/token', 10, 1],
      reason: 'Too Many Requests',
    });
    expect((await postTokenRequest(simulator, 'another', 'client')).status).toBe(401);
    simulator.clock.advance(MINUTE);
    expect((await postTokenRequest(simulator)).status).toBe(200);
  });

  test('may send unlimited token requests if limits are off, but has at most a hundred valid tokens', async () => {
    await start({ rateLimits: false });
    const tokens: string[] = [];
    for (let count = 0; count < 101; count += 1) tokens.push(await requestToken(simulator));
    expect((await withToken(tokens[0] ?? '')).status).toBe(401);
    expect((await withToken(tokens[1] ?? '')).status).toBe(200);
  });

  test('loses all its tokens with expireTokens', async () => {
    await start();
    const token = await requestToken(simulator);
    simulator.faults.expireTokens();
    expect((await withToken(token)).status).toBe(401);
  });

  test('sees only its own projects', async () => {
    const all = await startSimulator();
    const [mine = '', other = ''] = all.organisation.projects.map(({ id }) => id);
    await all.close();
    await start({ clients: { serviceAccounts: [{ clientId: 'one', clientSecret: 's', projects: [mine] }] } });
    expect(simulator.credentials).toMatchObject({ clientId: 'one', clientSecret: 's' });
    const token = await requestToken(simulator);
    expect(results(await withToken(token)).map(({ id }) => id)).toEqual([mine]);
    expect((await withToken(token, `${GROUPS}/${mine}/clusters`)).status).toBe(200);
    expect((await withToken(token, `${GROUPS}/${other}/clusters`)).status).toBe(403);
  });
});

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('an API key', () => {
  const CHALLENGE =
    /^Digest realm="MMS Public API", domain="", nonce="([\w+/=]{20,})", algorithm=MD5, qop="auth", stale=(true|false)$/;

  async function challenge(headers: Record<string, string> = {}) {
    const response = await read(simulator.url + GROUPS, { Accept: ACCEPT, ...headers });
    expect(response).toMatchObject({ status: 401, document: UNAUTHORIZED });
    const [, nonce = '', stale = ''] = CHALLENGE.exec(response.headers.get('WWW-Authenticate') ?? '') ?? [];
    return { nonce, stale };
  }

  /** Returns the response of RFC 2617, 3.2.2, computed independently. */
  function authorization(
    nonce: string,
    count: number,
    password = simulator.credentials.privateKey,
    uri = GROUPS,
  ) {
    const nc = count.toString(16).padStart(8, '0');
    const user = simulator.credentials.publicKey;
    const response = md5(
      `${md5(`${user}:MMS Public API:${password}`)}:${nonce}:${nc}:c:auth:${md5(`GET:${uri}`)}`,
    );
    const fields = `username="${user}", realm="MMS Public API", nonce="${nonce}", uri="${uri}", algorithm=MD5`;
    return { Authorization: `Digest ${fields}, response="${response}", qop=auth, nc=${nc}, cnonce="c"` };
  }

  const send = (headers: Record<string, string>) =>
    read(simulator.url + GROUPS, { Accept: ACCEPT, ...headers });

  test('uses the nonce of one challenge many times', async () => {
    await start();
    const { nonce, stale } = await challenge();
    expect([nonce.length > 0, stale]).toEqual([true, 'false']);
    for (const count of [1, 2, 3, 10]) {
      expect((await send(authorization(nonce, count))).status).toBe(200);
    }
  });

  test('that repeats a count is challenged again', async () => {
    await start();
    const { nonce } = await challenge();
    expect((await send(authorization(nonce, 1))).status).toBe(200);
    const again = await challenge(authorization(nonce, 1));
    expect(again.stale).toBe('true');
    expect(again.nonce).not.toBe(nonce);
    expect((await send(authorization(again.nonce, 1))).status).toBe(200);
  });

  test('is challenged again if the nonce is expired or unknown', async () => {
    await start({ nonceLifetime: MINUTE });
    const { nonce } = await challenge();
    simulator.clock.advance(MINUTE - 1);
    expect((await send(authorization(nonce, 1))).status).toBe(200);
    simulator.clock.advance(1);
    expect((await challenge(authorization(nonce, 2))).stale).toBe('true');
    expect((await challenge(authorization('made up', 1))).stale).toBe('true');
  });

  test('that is wrong, or signed for another path, is refused', async () => {
    await start();
    const { nonce } = await challenge();
    expect((await challenge(authorization(nonce, 1, 'wrong'))).stale).toBe('false');
    expect((await challenge(authorization(nonce, 1, undefined, '/api/atlas/v2/other'))).stale).toBe('false');
    const stranger = authorization(nonce, 1).Authorization.replace('simulatr', 'stranger');
    expect((await challenge({ Authorization: stranger })).stale).toBe('false');
    expect((await challenge({ Authorization: 'Digest' })).stale).toBe('false');
  });
});
