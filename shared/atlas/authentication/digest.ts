import { createHash } from 'node:crypto';

/** What a `WWW-Authenticate: Digest` asks for (RFC 7616). */
export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  /** As the server wrote it, since it is repeated; undefined when it was left out, which means MD5. */
  algorithm: string | undefined;
  hash: 'md5' | 'sha256';
  /** The one before was signed as it should be, with a nonce that is used up: nothing is said against the credentials. */
  stale: boolean;
  /** Whether quality of protection `auth` is offered; without any the older form of RFC 2069 is answered. */
  qop: boolean;
}

export interface DigestParts {
  username: string;
  password: string;
  method: string;
  /** The request target: path and query exactly as sent. */
  uri: string;
  /** How many requests have used this nonce, this one included. */
  nonceCount: number;
  clientNonce: string;
}

/** A word, and if an equals sign follows, its value: `scheme`, `name=token` or `name="quoted"`. */
const WORD = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** The first Digest challenge in the header that can be answered: the server puts those that it prefers first. */
export function parseChallenge(header: string | string[] | undefined): DigestChallenge | undefined {
  for (const parameters of digestChallenges([header ?? ''].flat().join(', '))) {
    const challenge = toChallenge(parameters);
    if (challenge !== undefined) return challenge;
  }
  return undefined;
}

function digestChallenges(header: string): Map<string, string>[] {
  const challenges: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  for (const [, name = '', quoted, token] of header.matchAll(WORD)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value !== undefined) {
      current?.set(name.toLowerCase(), value);
    } else {
      current = name.toLowerCase() === 'digest' ? new Map() : undefined;
      if (current !== undefined) challenges.push(current);
    }
  }
  return challenges;
}

function toChallenge(parameters: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const nonce = parameters.get('nonce');
  const algorithm = parameters.get('algorithm');
  const hash = { MD5: 'md5', 'SHA-256': 'sha256' }[algorithm?.toUpperCase() ?? 'MD5'];
  const offered = parameters
    .get('qop')
    ?.split(',')
    .map((option) => option.trim().toLowerCase());
  if (nonce === undefined || (hash !== 'md5' && hash !== 'sha256')) return undefined;
  if (offered !== undefined && !offered.includes('auth')) return undefined;
  return {
    realm: parameters.get('realm') ?? '',
    nonce,
    opaque: parameters.get('opaque'),
    algorithm,
    hash,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    qop: offered !== undefined,
  };
}

/** The Authorization header that answers a challenge, and the part of it that is worth something. */
export function digestHeader(
  challenge: DigestChallenge,
  parts: DigestParts,
): { header: string; response: string } {
  const digest = (text: string) => createHash(challenge.hash).update(text, 'utf8').digest('hex');
  const nc = parts.nonceCount.toString(16).padStart(8, '0');
  const identity = digest(`${parts.username}:${challenge.realm}:${parts.password}`);
  const request = digest(`${parts.method}:${parts.uri}`);
  const middle = challenge.qop ? `${challenge.nonce}:${nc}:${parts.clientNonce}:auth` : challenge.nonce;
  const response = digest(`${identity}:${middle}:${request}`);
  const fields = [
    `username=${quote(parts.username)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(parts.uri)}`,
    ...(challenge.algorithm === undefined ? [] : [`algorithm=${challenge.algorithm}`]),
    `response="${response}"`,
    ...(challenge.opaque === undefined ? [] : [`opaque=${quote(challenge.opaque)}`]),
    ...(challenge.qop ? ['qop=auth', `nc=${nc}`, `cnonce=${quote(parts.clientNonce)}`] : []),
  ];
  return { header: `Digest ${fields.join(', ')}`, response };
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
