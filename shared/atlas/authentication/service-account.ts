import type { Clock } from '../../clock.ts';
import { MINUTE } from '../../durations.ts';
import { type CallContext, waitInContext } from '../call-context.ts';
import { AtlasDeadlineError, AtlasError } from '../errors.ts';
import type { Authorization, Scheme } from './scheme.ts';

/** A token from the token endpoint. */
export interface IssuedToken {
  value: string;
  /** Milliseconds. */
  lifetime: number;
}

/** Requests a new token. Throws `CredentialsRefused` when Atlas refuses the client. */
export type RequestToken = (
  clientId: string,
  clientSecret: string,
  context: CallContext,
) => Promise<IssuedToken>;

interface Token {
  readonly value: string;
  readonly requestedAt: number;
  readonly expires: number;
  renewAt: number;
}

/** Returns the client's credentials as HTTP Basic encodes them. */
export function basicCredentials(clientId: string, clientSecret: string): string {
  return Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64');
}

/**
 * The scheme renews a token when a fifth of its lifetime is left, but at most five minutes before its end. A request
 * that waits and retries must not outlive its token, and an account can have only 100 valid tokens.
 */
const MARGIN_SHARE = 0.2;
const MAX_MARGIN = 5 * MINUTE;

/** How long a token counts as just issued, ms. The endpoint allows ten requests a minute. */
const FRESH = MINUTE;

/** Milliseconds until the next attempt, if renewing a token that still works fails. */
const RENEWAL_PAUSE = 30_000;

/** Authenticates with OAuth 2 client credentials of an Atlas service account. */
export class ServiceAccountScheme implements Scheme {
  readonly #clientId: string;
  readonly #clientSecret: string;
  readonly #requestToken: RequestToken;
  readonly #clock: Clock;
  #token: Token | undefined;
  #renewal: Promise<Token> | undefined;

  constructor(clientId: string, clientSecret: string, tools: { requestToken: RequestToken; clock: Clock }) {
    this.#clientId = clientId;
    this.#clientSecret = clientSecret;
    this.#requestToken = tools.requestToken;
    this.#clock = tools.clock;
  }

  async authorize(context: CallContext): Promise<Authorization> {
    const token = await this.#current(context);
    return {
      scheme: this,
      // Includes values that only token requests contain.
      secrets: [
        token.value,
        basicCredentials(this.#clientId, this.#clientSecret),
        this.#clientSecret,
        this.#clientId,
      ],
      isFresh: this.#clock.now() - token.requestedAt < FRESH,
      header: () => `Bearer ${token.value}`,
      settle: (response) => {
        // When Atlas refuses many requests with an old token, the first refusal renews it for all.
        if (response?.status === 401 && this.#token === token) this.#token = undefined;
        return false;
      },
    };
  }

  async #current(context: CallContext): Promise<Token> {
    for (;;) {
      const token = this.#token;
      if (token !== undefined && this.#clock.now() < token.renewAt) return token;
      const mine = this.#renewal === undefined;
      this.#renewal ??= this.#renew(context).finally(() => {
        this.#renewal = undefined;
      });
      try {
        return await waitInContext(this.#renewal, context);
      } catch (error) {
        // The session that requested the token has run out of time; this one has not.
        const othersDeadline = !mine && error instanceof AtlasDeadlineError && !context.signal.aborted;
        if (othersDeadline && this.#clock.now() < context.deadline) continue;
        // Renewal starts early so that requests survive a short outage of the token endpoint.
        const usable = token !== undefined && this.#token === token && this.#clock.now() < token.expires;
        if (!usable || !(error instanceof AtlasError)) throw error;
        token.renewAt = Math.min(token.expires, this.#clock.now() + RENEWAL_PAUSE);
        return token;
      }
    }
  }

  async #renew(context: CallContext): Promise<Token> {
    const requestedAt = this.#clock.now();
    const { value, lifetime } = await this.#requestToken(this.#clientId, this.#clientSecret, context);
    const margin = Math.min(MARGIN_SHARE * lifetime, MAX_MARGIN);
    this.#token = {
      value,
      requestedAt,
      expires: requestedAt + lifetime,
      renewAt: requestedAt + lifetime - margin,
    };
    return this.#token;
  }
}
