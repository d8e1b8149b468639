import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AtlasClient, AtlasCredentials, AtlasLog } from '../../../shared/atlas/api.ts';
import { type AtlasClientOptions, createAtlasClient } from '../../../shared/atlas/client.ts';
import type { ProcessId, ProjectId } from '../../../shared/ids.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';

export const PROJECT = '6a793f5cc0eb9e7a177147ec' as ProjectId;
export const PROCESS = 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net:27017' as ProcessId;

/** Values that occur nowhere else, so that tests can search for a leak. */
export const SERVICE_ACCOUNT = {
  kind: 'service-account',
  clientId: 'mdb_sa_id_CANARY0001',
  clientSecret: 'mdb_sa_sk_CANARY0002',
} as const satisfies AtlasCredentials;
export const API_KEY = {
  kind: 'api-key',
  publicKey: 'canaryaa',
  privateKey: 'CANARY0003-4444-5555',
} as const satisfies AtlasCredentials;
export const TOKEN = 'CANARY0004.token';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on a free loopback port that runs a test's handler, and records its requests. */
export class ScriptedAtlas {
  /** All requests except token requests. */
  readonly requests: {
    url: string;
    authorization: string | undefined;
    headers: IncomingMessage['headers'];
  }[] = [];
  readonly tokenRequests: { authorization: string | undefined; body: string }[] = [];
  /** Handles a token request; the count starts at 1. */
  onToken: Handler = (_request, response) => json(response, 200, tokenBody(TOKEN));
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #clients: AtlasClient[] = [];
  readonly #handler: Handler;

  /** @param handler handles everything except token requests; the count starts at 1 */
  constructor(handler: Handler) {
    this.#handler = handler;
  }

  static async start(handler: Handler): Promise<ScriptedAtlas> {
    const atlas = new ScriptedAtlas(handler);
    atlas.#server.listen(0, '127.0.0.1');
    await once(atlas.#server, 'listening');
    return atlas;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  client(options: Partial<AtlasClientOptions> = {}): AtlasClient {
    const client = createAtlasClient({
      baseUrl: this.url,
      credentials: async () => SERVICE_ACCOUNT,
      clock: new SkippingClock(),
      random: () => 0.5,
      reserve: 0.2,
      log: silent,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Opens a session of a new client, without a deadline. */
  session(options: Partial<AtlasClientOptions> = {}) {
    return this.client(options).session({ deadline: Number.POSITIVE_INFINITY });
  }

  stopListening(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async stop(): Promise<void> {
    this.stopListening();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization } = request.headers;
    if (request.url === '/api/oauth/token') {
      const body = await text(request);
      this.tokenRequests.push({ authorization, body });
      this.onToken(request, response, this.tokenRequests.length);
    } else {
      this.requests.push({ url: request.url ?? '', authorization, headers: request.headers });
      this.#handler(request, response, this.requests.length);
    }
  }
}

export const silent: AtlasLog = { debug() {}, info() {}, warn() {} };

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function tokenBody(token: string, expiresIn = 3_600) {
  return { access_token: token, expires_in: expiresIn, token_type: 'Bearer' };
}

/** The response to `listDisks` with one disk. */
export const ONE_DISK = { results: [{ partitionName: 'data' }], totalCount: 1 };

export function errorBody(status: number, errorCode: string, detail = 'Some detail.') {
  return { error: status, errorCode, detail, reason: 'Some Reason', parameters: [] };
}

/** Returns the error that rejects a promise. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
}
