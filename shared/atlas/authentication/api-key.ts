import { randomBytes } from 'node:crypto';
import { type Scope, waitInScope } from '../scope.ts';
import type { Answer } from '../transport.ts';
import { type DigestChallenge, digestHeader, parseChallenge } from './digest.ts';
import type { Authorization, Scheme } from './scheme.ts';

/** A challenge that serves many requests: each is one round trip, with the next count. */
interface Nonce {
  readonly challenge: DigestChallenge;
  uses: number;
}

/** HTTP Digest with an Atlas API key. */
export class ApiKeyScheme implements Scheme {
  readonly #publicKey: string;
  readonly #privateKey: string;
  #nonce: Nonce | undefined;
  /** While a request is out to be challenged, the others wait for what it brings back. */
  #asking: Promise<void> | undefined;

  constructor(publicKey: string, privateKey: string) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  async authorize(scope: Scope): Promise<Authorization> {
    while (this.#nonce === undefined && this.#asking !== undefined) {
      await waitInScope(this.#asking, scope);
    }
    return this.#nonce === undefined ? this.#ask() : this.#answer(this.#nonce);
  }

  /** Also of a request that holds neither: an earlier one did. */
  get #secrets(): readonly string[] {
    return [this.#privateKey, this.#publicKey];
  }

  #ask(): Authorization {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asking = promise;
    return {
      scheme: this,
      secrets: this.#secrets,
      header: () => undefined,
      settle: (answer) => {
        this.#asking = undefined;
        if (answer?.status === 401) this.#nonce = nonceOf(answer);
        resolve();
        return this.#nonce !== undefined;
      },
    };
  }

  #answer(nonce: Nonce): Authorization {
    const secrets = [...this.#secrets];
    return {
      scheme: this,
      secrets,
      header: (method, uri) => {
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
      },
      settle: (answer) => {
        if (answer?.status !== 401) return false;
        const next = nonceOf(answer);
        // Of many requests that are refused with an old nonce, the first brings the new one for all.
        if (this.#nonce === nonce) this.#nonce = next;
        return next?.challenge.stale ?? false;
      },
    };
  }
}

function nonceOf(answer: Answer): Nonce | undefined {
  const challenge = parseChallenge(answer.headers['www-authenticate']);
  return challenge === undefined ? undefined : { challenge, uses: 0 };
}
