import { createHash, randomBytes } from 'node:crypto';
import type { SimulatorClock } from '../clock.ts';
import { type ApiKey, type User, userOf } from './credentials.ts';

/** HTTP Digest (RFC 7616, with the MD5 of RFC 2617) for API keys. */
export interface DigestAuthentication {
  /** Returns the value of `WWW-Authenticate` for a new challenge. */
  challenge(stale: boolean): string;
  /** Checks an `Authorization: Digest …` header. @param target path and query as the client sent them */
  check(authorization: string, method: string, target: string): DigestResult;
}

/**
 * Which counts of a nonce are accepted: `any` unused one, only `rising` ones, or those of the `newest` nonce without
 * gaps. With the latter two, the server remembers one count, refuses requests that arrive out of order, and does not
 * mark the refusal as stale.
 */
export type NonceOrder = 'any' | 'rising' | 'newest';

/** `stale`: the key is correct, but the nonce is used up. */
export type DigestResult = { kind: 'user'; user: User } | { kind: 'stale' } | { kind: 'wrong' };

/** The inputs of a response, as text exactly as in the header. */
export interface DigestFields {
  username: string;
  password: string;
  realm: string;
  nonce: string;
  nc: string;
  cnonce: string;
  qop: string;
  method: string;
  uri: string;
}

export const REALM = 'MMS Public API';

/** Returns the `response` that proves knowledge of the password: 32 hexadecimal digits. */
export function digestResponse(fields: DigestFields): string {
  const { username, password, realm, nonce, nc, cnonce, qop, method, uri } = fields;
  return md5(
    `${md5(`${username}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:${qop}:${md5(`${method}:${uri}`)}`,
  );
}

interface Nonce {
  /** Milliseconds since 1970. */
  expires: number;
  /** The counts used so far. A repeated count is a replay, but counts may arrive out of order. */
  used: Set<number>;
}

/** @param lifetime how long a nonce is valid, in milliseconds of the clock */
export function createDigestAuthentication(
  keys: readonly ApiKey[],
  clock: SimulatorClock,
  lifetime: number,
  order: NonceOrder = 'any',
): DigestAuthentication {
  const nonces = new Map<string, Nonce>();
  let newest: Nonce | undefined;
  return {
    challenge(stale) {
      forgetExpired(nonces, clock.now());
      const nonce = randomBytes(24).toString('base64');
      newest = { expires: clock.now() + lifetime, used: new Set() };
      nonces.set(nonce, newest);
      return `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`;
    },
    check(authorization, method, target) {
      const fields = parseFields(authorization);
      const field = (name: string) => fields.get(name) ?? '';
      const key = keys.find(({ publicKey }) => publicKey === field('username'));
      if (key === undefined || field('uri') !== target || field('qop') !== 'auth') return { kind: 'wrong' };
      const expected = digestResponse({
        username: key.publicKey,
        password: key.privateKey,
        realm: REALM,
        nonce: field('nonce'),
        nc: field('nc'),
        cnonce: field('cnonce'),
        qop: 'auth',
        method,
        uri: target,
      });
      if (field('response') !== expected || !/^[0-9a-f]{8}$/i.test(field('nc'))) return { kind: 'wrong' };
      const nonce = nonces.get(field('nonce'));
      const count = Number.parseInt(field('nc'), 16);
      if (nonce === undefined || nonce.expires <= clock.now() || nonce.used.has(count)) {
        return { kind: 'stale' };
      }
      const highest = Math.max(0, ...nonce.used);
      if (order !== 'any' && count <= highest) return { kind: 'wrong' };
      if (order === 'newest' && (nonce !== newest || count !== highest + 1)) return { kind: 'wrong' };
      nonce.used.add(count);
      return { kind: 'user', user: userOf(key.publicKey, key.projects) };
    },
  };
}

function forgetExpired(nonces: Map<string, Nonce>, now: number): void {
  for (const [name, { expires }] of nonces) {
    if (expires <= now) nonces.delete(name);
  }
}

function parseFields(authorization: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, token] of authorization.matchAll(
    /(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    fields.set(name, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return fields;
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}
