import { randomBytes } from 'node:crypto';
import { type CallContext, waitInContext } from '../call-context.ts';
import type { HttpResponse } from '../transport.ts';
import { type DigestChallenge, digestHeader, parseChallenge } from './digest.ts';
import type { Authorization, Scheme } from './scheme.ts';
import { Turns } from './turns.ts';

/** A challenge that many requests use, each with the next count. Getting one costs a round trip. */
interface Nonce {
  readonly challenge: DigestChallenge;
  uses: number;
}

/** After this many uses, a refused nonce counts as used up. */
const USED_UP = 100;

/** Consecutive nonces that may be refused before `USED_UP` uses; then requests go one at a time. */
const MAX_OVERTAKEN = 2;

/**
 * Authenticates with HTTP Digest and an Atlas API key.
 *
 * Concurrent requests share a nonce, so their counts can arrive out of order. RFC 7616 lets a server refuse that, or
 * accept only its newest nonce. If a server does, requests go one at a time from then on: only then does a refusal of a
 * fresh challenge prove that the credentials are wrong.
 */
export class ApiKeyScheme implements Scheme {
  readonly #publicKey: string;
  readonly #privateKey: string;
  readonly #turns = new Turns();
  #nonce: Nonce | undefined;
  /** While one request waits for its challenge, the others wait for the nonce that it brings. */
  #challenging: Promise<void> | undefined;
  #isSerial = false;
  #overtaken = 0;

  constructor(publicKey: string, privateKey: string) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  async authorize(context: CallContext): Promise<Authorization> {
    while (!this.#isSerial && this.#nonce === undefined && this.#challenging !== undefined) {
      await waitInContext(this.#challenging, context);
    }
    return this.#isSerial || this.#nonce !== undefined ? this.#sign(context) : this.#requestChallenge();
  }

  /** Includes both halves even if this request contains neither, because an earlier request did. */
  get #secrets(): string[] {
    return [this.#privateKey, this.#publicKey];
  }

  #requestChallenge(): Authorization {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#challenging = promise;
    let end: (() => void) | undefined;
    return {
      scheme: this,
      secrets: this.#secrets,
      isFresh: true,
      header: () => {
        end = this.#turns.join();
        return undefined;
      },
      settle: (response) => {
        this.#challenging = undefined;
        if (response?.status === 401) this.#nonce = nonceOf(response);
        end?.();
        resolve();
        return this.#nonce !== undefined;
      },
    };
  }

  /** Looks up the nonce when the request is sent, because there may be a newer one by then. */
  #sign(context: CallContext): Authorization {
    const secrets = this.#secrets;
    let sent: { nonce: Nonce | undefined; isAlone: boolean; end: () => void } | undefined;
    return {
      scheme: this,
      secrets,
      isFresh: true,
      header: async (method, uri) => {
        const isAlone = this.#isSerial;
        const end = isAlone ? await this.#turns.take(context) : this.#turns.join();
        sent = { nonce: this.#nonce, isAlone, end };
        return sent.nonce && this.#headerFor(sent.nonce, method, uri, secrets);
      },
      settle: (response) => {
        const isExcused =
          sent !== undefined && response?.status === 401 && this.#refused(sent, nonceOf(response));
        sent?.end();
        return isExcused;
      },
    };
  }

  /** Records a refusal. Returns true if it does not prove that the credentials are wrong. */
  #refused(
    { nonce, isAlone }: { nonce: Nonce | undefined; isAlone: boolean },
    next: Nonce | undefined,
  ): boolean {
    // When a server refuses many requests with an old nonce, the first refusal brings the new nonce for all.
    if (this.#nonce === nonce) {
      this.#nonce = next;
      this.#overtaken = (nonce?.uses ?? 0) < USED_UP ? this.#overtaken + 1 : 0;
    }
    if (next === undefined) return false;
    const isStale = next.challenge.stale;
    // A nonce that other requests also use may be used up or overtaken.
    const wasFresh = nonce?.uses === 1;
    if (!isAlone && !wasFresh && (!isStale || this.#overtaken >= MAX_OVERTAKEN)) this.#isSerial = true;
    return isStale || !wasFresh;
  }

  #headerFor(nonce: Nonce, method: 'GET' | 'POST', uri: string, secrets: string[]): string {
    nonce.uses += 1;
    const { header, response } = digestHeader(nonce.challenge, {
      username: this.#publicKey,
      password: this.#privateKey,
      method,
      uri,
      nonceCount: nonce.uses,
      clientNonce: randomBytes(16).toString('hex'),
    });
    secrets.push(response);
    return header;
  }
}

function nonceOf(response: HttpResponse): Nonce | undefined {
  const challenge = parseChallenge(response.headers['www-authenticate']);
  return challenge === undefined ? undefined : { challenge, uses: 0 };
}
