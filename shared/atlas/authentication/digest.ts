import { createHash } from 'node:crypto';

/** The parameters of a `WWW-Authenticate: Digest` header (RFC 7616). */
export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  /** As the server wrote it, because the response repeats it. Undefined if omitted, which means MD5. */
  algorithm: string | undefined;
  hash: 'md5' | 'sha256';
  /** The previous nonce has expired, but its signature was correct: the credentials are not in question. */
  stale: boolean;
  /** Whether the server offers the quality of protection `auth`. Without any, the older form of RFC 2069 applies. */
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

/** A word and, if an equals sign follows, its value: `scheme`, `name=token` or `name="quoted"`. */
const WORD = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** Returns the first supported Digest challenge in the header. Servers list those that they prefer first. */
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

/** Returns the Authorization header for a challenge, and its secret part. */
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
