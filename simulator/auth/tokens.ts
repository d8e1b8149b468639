import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../clock.ts';
import { ApiError } from '../http/api-error.ts';
import { MINUTE, SECOND } from '../time.ts';
import { type ServiceAccount, type User, userOf } from './credentials.ts';

/** A token request, as the token endpoint sees it. */
export interface TokenRequest {
  authorization: string | undefined;
  contentType: string | undefined;
  body: string;
}

/** The OAuth 2 server: issues tokens to service accounts, and resolves them. */
export interface Tokens {
  /**
   * Handles `POST /api/oauth/token`.
   *
   * @throws OAuthError for a bad client or form; ApiError 429 when the client sends too many requests
   */
  issue(request: TokenRequest): { access_token: string; expires_in: number; token_type: 'Bearer' };
  /** Returns the user of a valid token, or undefined. */
  userOf(token: string): User | undefined;
  /** Invalidates all current tokens immediately. */
  expireAll(): void;
}

/** An error in the token endpoint's format, which differs from the API's. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

export const TOKEN_PATH = '/api/oauth/token';
/** Seconds. */
const LIFETIME = 3600;
/** Requests per minute for an address and client. All clients of the simulator have the same address. */
const MOST_REQUESTS = 10;
/** Valid tokens per account. */
const MOST_LIVE = 100;

interface LiveToken {
  account: ServiceAccount;
  /** Milliseconds since 1970. */
  expires: number;
}

/** @param limited whether to limit token requests */
export function createTokens(
  accounts: readonly ServiceAccount[],
  clock: SimulatorClock,
  limited: boolean,
): Tokens {
  const live = new Map<string, LiveToken>();
  const requestTimes = new Map<string, number[]>();

  function countRequest(clientId: string): void {
    const recent = (requestTimes.get(clientId) ?? []).filter(
      (at) => at <= clock.now() && at > clock.now() - MINUTE,
    );
    if (limited && recent.length >= MOST_REQUESTS) {
      const detail = `Resource ${TOKEN_PATH} is limited to ${MOST_REQUESTS} requests every 1 minutes.`;
      throw new ApiError(429, 'RATE_LIMITED', detail, [TOKEN_PATH, MOST_REQUESTS, 1]);
    }
    requestTimes.set(clientId, [...recent, clock.now()]);
  }

  return {
    issue({ authorization, contentType, body }) {
      const [clientId, clientSecret] = basicCredentials(authorization);
      countRequest(clientId);
      const account = accounts.find((candidate) => candidate.clientId === clientId);
      if (account === undefined || account.clientSecret !== clientSecret) {
        throw new OAuthError(401, 'invalid_client', 'Invalid credentials provided.');
      }
      if (!contentType?.startsWith('application/x-www-form-urlencoded')) {
        throw new OAuthError(400, 'invalid_request', 'The body must be a form.');
      }
      if (new URLSearchParams(body).get('grant_type') !== 'client_credentials') {
        throw new OAuthError(400, 'unsupported_grant_type', 'The grant type must be client_credentials.');
      }
      makeRoom(live, account);
      const token = randomUUID();
      live.set(token, { account, expires: clock.now() + LIFETIME * SECOND });
      return { access_token: token, expires_in: LIFETIME, token_type: 'Bearer' };
    },
    userOf(token) {
      const found = live.get(token);
      if (found === undefined || found.expires <= clock.now()) return undefined;
      return userOf(found.account.clientId, found.account.projects);
    },
    expireAll: () => live.clear(),
  };
}

function basicCredentials(authorization: string | undefined): [string, string] {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [clientId, secret.join(':')];
}

/** Removes an account's oldest token at the limit. What Atlas does then is not documented. */
function makeRoom(live: Map<string, LiveToken>, account: ServiceAccount): void {
  const own = [...live].filter(([, token]) => token.account === account);
  const oldest = own[0];
  if (oldest !== undefined && own.length >= MOST_LIVE) live.delete(oldest[0]);
}
