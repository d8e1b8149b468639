import { type Clients, DEFAULT_CLIENTS } from './auth/credentials.ts';
import { createDigestAuthentication, type NonceOrder } from './auth/digest.ts';
import { createTokens } from './auth/tokens.ts';
import { createClock, type SimulatorClock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import type { Deprecation } from './http/api.ts';
import type { AtlasState } from './http/handle-request.ts';
import { createOrganisation, type Organisation } from './organisation.ts';
import { createRateLimiter, type RateLimitOptions, type RateLimits } from './rate-limits.ts';
import { createRequestLog, type LoggedRequest, type RequestLog } from './request-log.ts';
import { MINUTE } from './time.ts';

export interface AtlasOptions {
  /** Default: the demo's organisation. */
  organisation?: Organisation;
  /** Where the clock starts, in milliseconds since 1970. Default: 2026-03-10T12:00:00Z. */
  now?: number;
  /** Whether real time passes from there on. Default: false, the clock stands still until it is moved. */
  running?: boolean;
  /** Default: true, the documented sizes. With false, no client reaches a limit, including that of token requests. */
  rateLimits?: boolean | RateLimitOptions;
  /** The clients that may use the API. Default: one service account and one API key, for all projects. */
  clients?: Partial<Clients>;
  /** How long a Digest nonce is valid, in milliseconds of the clock. Default: 5 minutes. */
  nonceLifetime?: number;
  /** Which counts of a Digest nonce are accepted. Default: any unused one. */
  nonceOrder?: NonceOrder;
  /** `Deprecation` and `Sunset` headers, by operation. Default: none. */
  deprecations?: Record<string, Deprecation>;
  /** The error of a list's `totalCount`, which is an estimate. Default: 1. */
  totalCountError?: number;
  /** Called when a request arrives, before its response: a test can move the clock between two pages. */
  onRequest?(request: LoggedRequest): void;
}

/** A simulated Atlas, independent of how requests reach it. */
export interface SimulatedAtlas {
  organisation: Organisation;
  /** The first client of each kind. */
  credentials: { clientId: string; clientSecret: string; publicKey: string; privateKey: string };
  clock: SimulatorClock;
  faults: Faults;
  requests: RequestLog;
  rateLimits: RateLimits;
  /** For `handleRequest`. */
  state: AtlasState;
}

const DEFAULT_NOW = Date.UTC(2026, 2, 10, 12);

export function createAtlas(options: AtlasOptions = {}): SimulatedAtlas {
  const { now = DEFAULT_NOW, running = false, rateLimits: limits = true } = options;
  const organisation = options.organisation ?? createOrganisation();
  const clients: Clients = { ...DEFAULT_CLIENTS, ...options.clients };
  const clock = createClock({ now, running });
  const tokens = createTokens(clients.serviceAccounts, clock, limits !== false);
  const digest = createDigestAuthentication(
    clients.apiKeys,
    clock,
    options.nonceLifetime ?? 5 * MINUTE,
    options.nonceOrder,
  );
  const faults = createFaults(clock, tokens.expireAll);
  const requests = createRequestLog();
  const rateLimits = createRateLimiter(limits, clock);
  const api = {
    organisation,
    tokens,
    digest,
    rateLimits,
    faults,
    deprecations: options.deprecations ?? {},
    totalCountError: options.totalCountError ?? 1,
  };
  return {
    organisation,
    credentials: firstOf(clients),
    clock,
    faults,
    requests,
    rateLimits,
    state: { api, clock, requests, onRequest: options.onRequest ?? (() => {}) },
  };
}

function firstOf({ serviceAccounts: [account], apiKeys: [key] }: Clients): SimulatedAtlas['credentials'] {
  return {
    clientId: account?.clientId ?? '',
    clientSecret: account?.clientSecret ?? '',
    publicKey: key?.publicKey ?? '',
    privateKey: key?.privateKey ?? '',
  };
}
