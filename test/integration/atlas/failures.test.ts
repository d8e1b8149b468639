import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseBaseUrl } from '../../../shared/atlas/base-url.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { MAX_ATTEMPTS } from '../../../shared/atlas/retry.ts';
import { Transport } from '../../../shared/atlas/transport.ts';
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
  silent,
} from './scripted-atlas.ts';

let atlas: ScriptedAtlas | undefined;
afterEach(() => atlas?.stop());

/** Returns the outcome of `listDisks` for a server with this behaviour. */
async function listDisksWhen(respond: (response: ServerResponse, count: number) => void, options = {}) {
  const server = await ScriptedAtlas.start((_request, response, count) => respond(response, count));
  atlas = server;
  const session = server.session(options);
  const outcome = await session.listDisks(PROJECT, PROCESS).catch((error: unknown) => error);
  return { outcome, attempts: server.requests.length, traffic: session.traffic };
}

const BODY = JSON.stringify(ONE_DISK);

describe('transient failures', () => {
  it.each([500, 502, 503, 504])('retries a %d', async (status) => {
    const { outcome, attempts, traffic } = await listDisksWhen((response, count) =>
      count < 3
        ? json(response, status, errorBody(status, 'UNEXPECTED_ERROR'))
        : json(response, 200, ONE_DISK),
    );
    expect(outcome).toEqual(wholeListing(['data']));
    expect(attempts).toBe(3);
    expect(traffic).toEqual({ requests: 4, throttled: 0 });
  });

  it('gives up a 503 in HTML after five attempts, without its text', async () => {
    const { outcome, attempts } = await listDisksWhen((response) =>
      response.writeHead(503, { 'content-type': 'text/html' }).end('<html><h1>Down</h1></html>'),
    );
    expect(attempts).toBe(MAX_ATTEMPTS);
    expect(outcome).toMatchObject({
      name: 'AtlasApiError',
      message: 'listDisks: Atlas answered 503 Service Unavailable (after 5 attempts)',
      status: 503,
      errorCode: null,
      detail: null,
      attempts: 5,
    });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'with a length',
      (response) => {
        response.writeHead(200, { 'content-length': BODY.length });
        response.write(BODY.slice(0, 20), () => response.destroy());
      },
    ],
    [
      'in chunks',
      (response) => {
        response.writeHead(200);
        response.write(BODY, () => response.destroy());
      },
    ],
    [
      'compressed',
      (response) => {
        const body = gzipSync(BODY).subarray(0, -6);
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
      },
    ],
    ['before it began', (response) => response.writeHead(200, { 'content-encoding': 'br' }).end()],
    ['without a marked end', (response) => response.writeHead(200).end(BODY.slice(0, -1))],
  ])('retries a truncated body %s', async (_how, cut) => {
    const { outcome, attempts } = await listDisksWhen((response, count) =>
      count === 1 ? cut(response) : json(response, 200, ONE_DISK),
    );
    expect(outcome).toEqual(wholeListing(['data']));
    expect(attempts).toBe(2);
  });

  it('reports a body that stays truncated with an error of its own', async () => {
    const { outcome } = await listDisksWhen((response) => {
      response.writeHead(200, { 'content-length': BODY.length });
      response.write(BODY.slice(0, 20), () => response.destroy());
    });
    expect(outcome).toMatchObject({ name: 'AtlasResponseError', problem: 'incomplete', attempts: 5 });
  });

  it('retries HTML with status 200, and never quotes it', async () => {
    const { outcome, attempts } = await listDisksWhen((response) => response.writeHead(200).end('<html>'));
    expect(outcome).toMatchObject({ name: 'AtlasResponseError', problem: 'not-json' });
    expect(attempts).toBe(5);
    expect(inspect(outcome)).not.toContain('<html>');
  });

  it('retries a broken connection', async () => {
    const { outcome, attempts } = await listDisksWhen((response, count) =>
      count === 1 ? response.destroy() : json(response, 200, ONE_DISK),
    );
    expect(outcome).toEqual(wholeListing(['data']));
    expect(attempts).toBe(2);
  });

  it('gives up an unreachable server after five attempts', async () => {
    atlas = await ScriptedAtlas.start(() => {});
    const session = atlas.session({ credentials: async () => API_KEY });
    atlas.stopListening();
    const error = await failureOf(session.listDisks(PROJECT, PROCESS));
    expect(error).toMatchObject({ name: 'AtlasUnreachableError', attempts: 5, operation: 'listDisks' });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(session.traffic.requests).toBe(5);
  });
});

describe('permanent failures', () => {
  it.each([
    [400, 'INVALID_GRANULARITY'],
    [402, 'ACCOUNT_SUSPENDED'],
    [403, 'IP_ADDRESS_NOT_ON_WHITELIST'],
    [404, 'HOST_NOT_FOUND'],
  ])('reports a %d %s immediately', async (status, errorCode) => {
    const { outcome, attempts } = await listDisksWhen((response) =>
      json(response, status, errorBody(status, errorCode, 'Line one.\nLine two.\u001b[31m')),
    );
    expect(attempts).toBe(1);
    expect(outcome).toMatchObject({
      name: 'AtlasApiError',
      message: `listDisks: Atlas answered ${status} ${errorCode}: Line one. Line two. [31m`,
      operation: 'listDisks',
      status,
      errorCode,
      reason: 'Some Reason',
      detail: 'Line one. Line two. [31m',
      attempts: 1,
    });
  });

  it.each([
    [410, 'VERSION_GONE'],
    [406, 'INVALID_VERSION_DATE'],
  ])('names the version and the need for an update for a %d %s', async (status, errorCode) => {
    const { outcome, attempts } = await listDisksWhen((response) =>
      json(response, status, errorBody(status, errorCode, 'Version 2025-03-12 is no longer available.')),
    );
    expect(attempts).toBe(1);
    expect(outcome).toMatchObject({
      name: 'AtlasVersionError',
      message: `listDisks: Atlas answered ${status} ${errorCode}: Atlas no longer offers version 2025-03-12 of the API: update this program. Version 2025-03-12 is no longer available.`,
      status,
      errorCode,
    });
  });

  it.each<[string, number, string, Record<string, string>]>([
    ['HTML of a gateway', 404, '<html>Not found</html>', { 'x-error-code': 'GROUP_NOT_FOUND' }],
    ['no code', 403, '{"error":403,"reason":"Forbidden","detail":"not on the access list"}', {}],
    ['a code that is no text', 403, '{"error":403,"errorCode":403}', {}],
    ['a code, but no status', 403, '{"errorCode":"USER_UNAUTHORIZED","message":"denied"}', {}],
    ['a code, and another status', 404, '{"error":403,"errorCode":"HOST_NOT_FOUND"}', {}],
    ['an empty body', 410, '', {}],
    ['a list', 404, '["HOST_NOT_FOUND"]', {}],
  ])('does not attribute an error with %s to Atlas', async (_name, status, body, headers) => {
    const { outcome } = await listDisksWhen((response) => response.writeHead(status, headers).end(body));
    expect(outcome).toMatchObject({ name: 'AtlasApiError', status, errorCode: null });
    expect(String(outcome)).toContain('a response that is not from Atlas');
  });

  it('names a redirect, and does not follow it', async () => {
    const elsewhere = await ScriptedAtlas.start((_request, response) => json(response, 200, ONE_DISK));
    try {
      const { outcome, attempts } = await listDisksWhen((response) =>
        response.writeHead(302, { location: `${elsewhere.url}/path?token=1` }).end(),
      );
      expect(attempts).toBe(1);
      expect(outcome).toMatchObject({ name: 'AtlasApiError', status: 302 });
      expect(String(outcome)).toContain(
        `a redirect to ${new URL(elsewhere.url).host}, which is not followed`,
      );
      expect(elsewhere.requests).toHaveLength(0);
    } finally {
      await elsewhere.stop();
    }
  });

  it('reports a wrong shape immediately, with operation and field', async () => {
    const { outcome, attempts } = await listDisksWhen((response) =>
      json(response, 200, { results: { partitionName: 7 } }),
    );
    expect(attempts).toBe(1);
    expect(outcome).toMatchObject({
      name: 'AtlasResponseError',
      message: 'listDisks: results: expected array',
      problem: 'shape',
    });
  });

  it.each([
    ['as it is', (response: ServerResponse, body: Buffer) => response.writeHead(200).end(body)],
    [
      'when decompressed',
      (response: ServerResponse, body: Buffer) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body)),
    ],
  ])('rejects a body larger than 64 MiB %s immediately', async (_how, send) => {
    const body = Buffer.alloc(64 * 1024 * 1024 + 1, ' ');
    const { outcome, attempts } = await listDisksWhen((response) => send(response, body));
    expect(attempts).toBe(1);
    expect(outcome).toMatchObject({ name: 'AtlasResponseError', problem: 'too-large' });
  });
});

describe('compression', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('reads a body in %s', async (encoding, compress) => {
    const { outcome } = await listDisksWhen((response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress(BODY)),
    );
    expect(outcome).toEqual(wholeListing(['data']));
    expect(atlas?.requests[0]?.headers).toMatchObject({
      'accept-encoding': 'gzip, br',
      accept: 'application/vnd.atlas.2025-03-12+json',
      'user-agent': 'atlas-lake/0.1.0',
    });
  });
});

describe('time limits', () => {
  const LIMITS = { connect: 1_000, headers: 200, body: 200, total: 1_500 };

  /** Returns the error of one request to a server with this behaviour. */
  async function sendFailure(respond: (response: ServerResponse) => void, signal: AbortSignal) {
    atlas = await ScriptedAtlas.start((_request, response) => respond(response));
    const transport = new Transport(parseBaseUrl(atlas.url), LIMITS);
    const context = {
      operation: 'listDisks',
      deadline: Number.POSITIVE_INFINITY,
      traffic: { requests: 0, throttled: 0 },
      exhausted: new Map(),
      signal,
    };
    const get = { method: 'GET', target: '/x', accept: '*/*', authorization: undefined } as const;
    const error = await failureOf(transport.send(get, context, { operation: 'listDisks', attempts: 1 }));
    await transport.close();
    return error;
  }

  it('names a Content-Encoding that is not supported', async () => {
    const error = await sendFailure(
      (response) => response.writeHead(200, { 'content-encoding': 'deflate' }).end('x'),
      new AbortController().signal,
    );
    expect(String(error)).toBe(
      'AtlasResponseError: listDisks: the response has an unsupported Content-Encoding: deflate',
    );
  });

  const stalls: [string, string, (response: ServerResponse) => void][] = [
    ['before its headers', 'Headers Timeout', () => {}],
    ['in its body', 'Body Timeout', (response) => response.writeHead(200).write('{')],
    [
      'with a byte now and then',
      'aborted due to timeout',
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ];

  it.each(stalls)('aborts a response that stalls %s', async (_where, cause, stall) => {
    const error = await sendFailure(stall, new AbortController().signal);
    expect(error).toMatchObject({ name: 'AtlasUnreachableError' });
    expect(String(error)).toMatch(new RegExp(`Atlas did not answer in time \\(.*${cause}`));
  });

  it('does not blame Atlas if the deadline aborts a response', async () => {
    const error = await sendFailure(() => {}, AbortSignal.timeout(50));
    expect(error).toMatchObject({ name: 'AtlasDeadlineError', operation: 'listDisks' });
  });

  it('aborts an attempt in flight at the deadline', async () => {
    atlas = await ScriptedAtlas.start(() => {});
    const clock = new SkippingClock();
    const session = atlas.client({ clock }).session({ deadline: clock.now() + 150 });
    const error = await failureOf(session.listDisks(PROJECT, PROCESS));
    expect(error).toMatchObject({ name: 'AtlasDeadlineError', operation: 'listDisks' });
  });

  it('sends nothing after the deadline', async () => {
    atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, ONE_DISK));
    const clock = new SkippingClock();
    const session = atlas.client({ clock }).session({ deadline: clock.now() + 1_000 });
    clock.skip(1_000);
    await expect(session.listDisks(PROJECT, PROCESS)).rejects.toMatchObject({ name: 'AtlasDeadlineError' });
    expect(atlas.requests).toHaveLength(0);
    expect(session.traffic).toEqual({ requests: 0, throttled: 0 });
  });
});

describe('confidential data', () => {
  const secrets = ['CANARY', 'canary', Buffer.from('mdb_sa_id_CANARY').toString('base64').slice(0, 20)];

  /** Returns an error with all its properties and causes, as a logger or a person would see it. */
  function everything(error: unknown): string {
    const parts: string[] = [];
    for (
      let current = error;
      current !== undefined;
      current = current instanceof Error ? current.cause : undefined
    ) {
      parts.push(
        inspect(current, { depth: 10, showHidden: true }),
        JSON.stringify(current) ?? '',
        String(current),
      );
    }
    return parts.join('\n');
  }

  const scenarios: [string, Parameters<typeof ScriptedAtlas.start>[0]][] = [
    [
      'echoes the header',
      (request, response) =>
        json(response, 403, errorBody(403, 'FORBIDDEN', `You sent ${request.headers.authorization}`)),
    ],
    [
      'refuses and echoes',
      (request, response) =>
        json(response, 401, errorBody(401, 'X', `${request.headers.authorization}`), {
          'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"',
        }),
    ],
    ['breaks the connection', (_request, response) => response.destroy()],
    [
      'sends half a token',
      (request, response) => response.writeHead(200).end(`{"a":"${request.headers.authorization}`),
    ],
    [
      'has another shape',
      (request, response) => json(response, 200, { results: request.headers.authorization }),
    ],
    [
      'redirects',
      (request, response) =>
        response.writeHead(307, { location: `http://127.0.0.1/${request.headers.authorization}` }).end(),
    ],
  ];

  it.each(scenarios)('keeps credentials out of the error when the server %s', async (_what, handler) => {
    const logged: unknown[] = [];
    const log = {
      debug: (...line: unknown[]) => logged.push(line),
      info: (...line: unknown[]) => logged.push(line),
      warn: (...line: unknown[]) => logged.push(line),
    };
    atlas = await ScriptedAtlas.start(handler);
    const errors = [
      await failureOf(atlas.session({ log }).listDisks(PROJECT, PROCESS)),
      await failureOf(atlas.session({ log, credentials: async () => API_KEY }).listDisks(PROJECT, PROCESS)),
    ];
    atlas.onToken = (request, response) =>
      json(response, 401, {
        error: 'invalid_client',
        error_description: `Not ${request.headers.authorization}`,
      });
    errors.push(await failureOf(atlas.session({ log }).listDisks(PROJECT, PROCESS)));
    const seen = errors.map(everything).join('\n') + inspect(logged, { depth: 10 });
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(seen).toContain('listDisks');
  });

  it('keeps names from Atlas out of info and warn logs', async () => {
    const log = { ...silent, info: vi.fn(), warn: vi.fn() };
    atlas = await ScriptedAtlas.start((_request, response, count) =>
      json(response, count === 1 ? 429 : 404, errorBody(404, 'X', `No ${PROCESS}`), { 'retry-after': '0' }),
    );
    await failureOf(atlas.session({ log, reserve: 0 }).listDisks(PROJECT, PROCESS));
    expect(log.info).toHaveBeenCalled();
    expect(inspect(log.info.mock.calls)).not.toContain('atlas-abc123');
  });
});
