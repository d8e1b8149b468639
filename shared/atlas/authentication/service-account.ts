import type { Clock } from '../../clock.ts';
import { type CallContext, waitInContext } from '../call-context.ts';
import { AtlasDeadlineError, AtlasError } from '../errors.ts';
import type { Authorization, Scheme } from './scheme.ts';

/** What the token endpoint gave. */
export interface IssuedToken {
  value: string;
  /** Milliseconds. */
  lifetime: number;
}

/** Gets a new token. Throws `CredentialsRefused` when Atlas refuses the client. */
export type RequestToken = (
  clientId: string,
  clientSecret: string,
  scope: CallContext,
) => Promise<IssuedToken>;

interface Token {
  readonly value: string;
  readonly expires: number;
  renewAt: number;
}

/** The client as HTTP Basic writes it. */
export function basicCredentials(clientId: string, clientSecret: string): string {
  return Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64');
}

/**
 * A token is renewed when a fifth of its life is left, but not earlier than five minutes before its end: a request
 * that waits for its bucket and is tried again must not outlive its token, and 100 live tokens are all that an account
 * can have.
 */
const MARGIN_SHARE = 0.2;
const MAX_MARGIN = 300_000;

/** Milliseconds until the next try, when a token that still works could not be renewed. */
const RENEWAL_PAUSE = 30_000;

/** OAuth 2 client credentials with an Atlas service account. */
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

  async authorize(scope: CallContext): Promise<Authorization> {
    const token = await this.#current(scope);
    return {
      scheme: this,
      // Also what only the token endpoint is sent.
      secrets: [
        token.value,
        basicCredentials(this.#clientId, this.#clientSecret),
        this.#clientSecret,
        this.#clientId,
      ],
      header: () => `Bearer ${token.value}`,
      settle: (answer) => {
        // Of many requests that are refused with an old token, the first has it renewed for all.
        if (answer?.status === 401 && this.#token === token) this.#token = undefined;
        return false;
      },
    };
  }

  async #current(scope: CallContext): Promise<Token> {
    for (;;) {
      const token = this.#token;
      if (token !== undefined && this.#clock.now() < token.renewAt) return token;
      const mine = this.#renewal === undefined;
      this.#renewal ??= this.#renew(scope).finally(() => {
        this.#renewal = undefined;
      });
      try {
        return await waitInContext(this.#renewal, scope);
      } catch (error) {
        // The session that asked for the token has run out of time; this one has not.
        const othersDeadline = !mine && error instanceof AtlasDeadlineError && !scope.signal.aborted;
        if (othersDeadline && this.#clock.now() < scope.deadline) continue;
        // Renewal comes ahead of time so that a token endpoint that is down for a while stops nobody.
        const usable = token !== undefined && this.#token === token && this.#clock.now() < token.expires;
        if (!usable || !(error instanceof AtlasError)) throw error;
        token.renewAt = Math.min(token.expires, this.#clock.now() + RENEWAL_PAUSE);
        return token;
      }
    }
  }

  async #renew(scope: CallContext): Promise<Token> {
    const asked = this.#clock.now();
    const { value, lifetime } = await this.#requestToken(this.#clientId, this.#clientSecret, scope);
    const margin = Math.min(MARGIN_SHARE * lifetime, MAX_MARGIN);
    this.#token = { value, expires: asked + lifetime, renewAt: asked + lifetime - margin };
    return this.#token;
  }
}
