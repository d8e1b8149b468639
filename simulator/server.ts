import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Clients, DEFAULT_CLIENTS } from './auth/credentials.ts';
import { createDigestGate } from './auth/digest.ts';
import { createTokens } from './auth/tokens.ts';
import { createClock, type SimulatorClock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import type { Deprecation } from './http/api.ts';
import { createListener } from './http/listener.ts';
import { createOrganisation, type Organisation } from './organisation.ts';
import { createRateLimiter, type RateLimitOptions, type RateLimits } from './rate-limits.ts';
import { createRequestLog, type LoggedRequest, type RequestLog } from './request-log.ts';
import { MINUTE } from './time.ts';

export type { Fault } from './faults.ts';

export interface SimulatorOptions {
  /** Default: the demo's. */
  organisation?: Organisation;
  /** Default: 0, any free one. */
  port?: number;
  host?: '127.0.0.1';
  /** Where the clock starts, in milliseconds since 1970. Default: 2026-03-10T12:00:00Z. */
  now?: number;
  /** Whether real time flows on from there. Default: false, the clock stands still until it is moved. */
  running?: boolean;
  /** Default: true, the documented sizes. With false no client ever meets a limit, that of tokens included. */
  rateLimits?: boolean | RateLimitOptions;
  /** Who may use the API. Default: one service account and one API key, for all projects. */
  clients?: Partial<Clients>;
  /** How long a Digest nonce may be used, in milliseconds of the clock. Default: 5 minutes. */
  nonceLifetime?: number;
  /** `Deprecation` and `Sunset` headers, by operation. Default: none. */
  deprecations?: Record<string, Deprecation>;
  /** How far off the `totalCount` of a list is. Default: 1, since it is an estimate. */
  totalCountError?: number;
  /** Called when a request has come, before it is answered: the clock can be moved between two pages. */
  onRequest?(request: LoggedRequest): void;
  /** Whether `/_simulator/…` can be used to steer it from another process. Default: false. */
  control?: boolean;
}

/** A simulated Atlas that answers over HTTP. */
export interface Simulator {
  /** Without a slash at the end. */
  url: string;
  organisation: Organisation;
  /** The first client of each kind. */
  credentials: { clientId: string; clientSecret: string; publicKey: string; privateKey: string };
  clock: SimulatorClock;
  faults: Faults;
  requests: RequestLog;
  rateLimits: RateLimits;
  /** Stops at once, whatever is still being answered. */
  close(): Promise<void>;
}

const DEFAULT_NOW = Date.UTC(2026, 2, 10, 12);

/** Serves an organisation on the loopback address. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { now = DEFAULT_NOW, running = false, rateLimits: limits = true } = options;
  const organisation = options.organisation ?? createOrganisation();
  const clients: Clients = { ...DEFAULT_CLIENTS, ...options.clients };
  const clock = createClock({ now, running });
  const tokens = createTokens(clients.serviceAccounts, clock, limits !== false);
  const digest = createDigestGate(clients.apiKeys, clock, options.nonceLifetime ?? 5 * MINUTE);
  const faults = createFaults(clock, tokens.expireAll);
  const requests = createRequestLog();
  const rateLimits = createRateLimiter(limits, clock);
  const listener = createListener({
    api: {
      organisation,
      tokens,
      digest,
      rateLimits,
      faults,
      deprecations: options.deprecations ?? {},
      totalCountError: options.totalCountError ?? 1,
    },
    clock,
    requests,
    onRequest: (request) => options.onRequest?.(request),
    control: options.control ?? false,
  });
  // Longer than any client keeps an idle connection, so that it is never cut just as a request is sent on it.
  const server = createServer({ keepAliveTimeout: 10 * MINUTE }, listener);
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    organisation,
    credentials: firstOf(clients),
    clock,
    faults,
    requests,
    rateLimits,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function firstOf({ serviceAccounts: [account], apiKeys: [key] }: Clients): Simulator['credentials'] {
  return {
    clientId: account?.clientId ?? '',
    clientSecret: account?.clientSecret ?? '',
    publicKey: key?.publicKey ?? '',
    privateKey: key?.privateKey ?? '',
  };
}

function urlOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('the server listens on no port');
  return `http://${bound.address}:${bound.port}`;
}
