import { randomBytes } from 'node:crypto';
import { type CallContext, waitInContext } from '../call-context.ts';
import type { HttpResponse } from '../transport.ts';
import { type DigestChallenge, digestHeader, parseChallenge } from './digest.ts';
import type { Authorization, Scheme } from './scheme.ts';
import { Turns } from './turns.ts';

/** A challenge that serves many requests: each is one round trip, with the next count. */
interface Nonce {
  readonly challenge: DigestChallenge;
  uses: number;
}

/** Uses after which a nonce that is refused has simply been used up. */
const USED_UP = 100;

/** Nonces in a row that are refused earlier before requests go one after the other. */
const MOST_OVERTAKEN = 2;

/**
 * HTTP Digest with an Atlas API key.
 *
 * Requests share a nonce and are under way together, so that their counts overtake each other. RFC 7616 lets a server
 * refuse that, or take its newest nonce only. Where one does, requests go one after the other from then on: only so does
 * a refusal of a fresh challenge say that the credentials are wrong.
 */
export class ApiKeyScheme implements Scheme {
  readonly #publicKey: string;
  readonly #privateKey: string;
  readonly #turns = new Turns();
  #nonce: Nonce | undefined;
  /** While a request is out to be challenged, the others wait for what it brings back. */
  #asking: Promise<void> | undefined;
  #isSerial = false;
  #overtaken = 0;

  constructor(publicKey: string, privateKey: string) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  async authorize(scope: CallContext): Promise<Authorization> {
    while (!this.#isSerial && this.#nonce === undefined && this.#asking !== undefined) {
      await waitInContext(this.#asking, scope);
    }
    return this.#isSerial || this.#nonce !== undefined ? this.#answer(scope) : this.#ask();
  }

  /** Also of a request that holds neither: an earlier one did. */
  get #secrets(): string[] {
    return [this.#privateKey, this.#publicKey];
  }

  #ask(): Authorization {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asking = promise;
    let end: (() => void) | undefined;
    return {
      scheme: this,
      secrets: this.#secrets,
      header: () => {
        end = this.#turns.join();
        return undefined;
      },
      settle: (answer) => {
        this.#asking = undefined;
        if (answer?.status === 401) this.#nonce = nonceOf(answer);
        end?.();
        resolve();
        return this.#nonce !== undefined;
      },
    };
  }

  /** The nonce is looked up when the request is sent: by then there may be a newer one. */
  #answer(scope: CallContext): Authorization {
    const secrets = this.#secrets;
    let sent: { nonce: Nonce | undefined; isAlone: boolean; end: () => void } | undefined;
    return {
      scheme: this,
      secrets,
      header: async (method, uri) => {
        const isAlone = this.#isSerial;
        const end = isAlone ? await this.#turns.take(scope) : this.#turns.join();
        sent = { nonce: this.#nonce, isAlone, end };
        return sent.nonce && this.#respond(sent.nonce, method, uri, secrets);
      },
      settle: (answer) => {
        const isExcused =
          sent !== undefined && answer?.status === 401 && this.#refused(sent, nonceOf(answer));
        sent?.end();
        return isExcused;
      },
    };
  }

  /** Takes note of a refusal. True when it says nothing against the credentials. */
  #refused(
    { nonce, isAlone }: { nonce: Nonce | undefined; isAlone: boolean },
    next: Nonce | undefined,
  ): boolean {
    // Of many requests that are refused with an old nonce, the first brings the new one for all.
    if (this.#nonce === nonce) {
      this.#nonce = next;
      this.#overtaken = (nonce?.uses ?? 0) < USED_UP ? this.#overtaken + 1 : 0;
    }
    if (next === undefined) return false;
    const isStale = next.challenge.stale;
    // One that was used before, or by others as well, may be used up or overtaken.
    const wasFresh = nonce?.uses === 1;
    if (!isAlone && !wasFresh && (!isStale || this.#overtaken >= MOST_OVERTAKEN)) this.#isSerial = true;
    return isStale || !wasFresh;
  }

  #respond(nonce: Nonce, method: 'GET' | 'POST', uri: string, secrets: string[]): string {
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

function nonceOf(answer: HttpResponse): Nonce | undefined {
  const challenge = parseChallenge(answer.headers['www-authenticate']);
  return challenge === undefined ? undefined : { challenge, uses: 0 };
}
