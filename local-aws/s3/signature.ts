import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './errors.ts';

/** The credentials that sign requests. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The parts of a request that an AWS version 4 signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as the client sends them. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** The parts of an Authorization header. */
interface Claim {
  accessKeyId: string;
  /** `20260302/us-east-1/s3/aws4_request`. */
  scope: string;
  /** In the order of the header. */
  signedHeaders: readonly string[];
  signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SCOPE = /^(\d{8})\/([a-z0-9-]{1,40})\/(s3)\/(aws4_request)$/;

/**
 * Checks that a request is signed with these credentials. Other users of the machine can reach the port, but do not know
 * the secret. The signature covers the body if the client signs its hash, as the SDK does over plain http.
 *
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId or SignatureDoesNotMatch
 */
export function checkSignature(request: SignedRequest, credentials: S3Credentials): void {
  const claim = parseAuthorization(request.headers.get('authorization') ?? '');
  if (claim === null || !claim.signedHeaders.includes('host'))
    throw new S3Error('AccessDenied', 'Access Denied');
  if (!sameText(claim.accessKeyId, credentials.accessKeyId)) {
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  }
  // The signature must cover headers about the body or the operation, or they could be changed on the way.
  const covered = [...request.headers.keys()].filter((name) => name.startsWith('x-amz-'));
  const isCovered = covered.every((name) => claim.signedHeaders.includes(name));
  const expected = signatureOf(request, claim, credentials.secretAccessKey);
  if (!isCovered || expected === null || !sameText(claim.signature, expected)) {
    throw new S3Error(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
}

/** Returns the signature, or null if scope or date is invalid. */
export function signatureOf(
  { method, target, headers }: SignedRequest,
  { scope, signedHeaders }: Pick<Claim, 'scope' | 'signedHeaders'>,
  secret: string,
): string | null {
  const [, ...levels] = SCOPE.exec(scope) ?? [];
  const date = headers.get('x-amz-date') ?? '';
  if (levels.length === 0 || !date.startsWith(`${levels[0]}T`)) return null;
  const [path = '', query = ''] = split(target, '?');
  const canonical = [
    method,
    path,
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${(headers.get(name) ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    headers.get('x-amz-content-sha256') ?? '',
  ].join('\n');
  const text = [ALGORITHM, date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = levels.reduce<Buffer | string>((above, level) => hmac(above, level), `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

function parseAuthorization(header: string): Claim | null {
  const [algorithm, rest] = split(header, ' ');
  if (algorithm !== ALGORITHM) return null;
  const fields = new Map(rest.split(',').map((field) => split(field.trim(), '=')));
  const [accessKeyId, scope] = split(fields.get('Credential') ?? '', '/');
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  return { accessKeyId, scope, signedHeaders, signature: fields.get('Signature') ?? '' };
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const parts = query.split('&').map((part) => (part.includes('=') ? part : `${part}=`));
  return parts.sort().join('&');
}

/** Splits a text at the first separator. */
function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Compares texts in constant time. */
function sameText(a: string, b: string): boolean {
  const [hashA, hashB] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return hashA !== undefined && hashB !== undefined && timingSafeEqual(hashA, hashB);
}
