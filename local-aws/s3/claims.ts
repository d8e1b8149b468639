import { type ChecksumAlgorithm, type Digests, isChecksumAlgorithm } from './checksums.ts';
import { S3Error } from './errors.ts';
import { listOf } from './request.ts';

const CHECKSUM_HEADER = /^x-amz-checksum-(.+)$/;
const SHA256 = /^[\da-f]{64}$/;

/** A request's claims about its body. */
export interface Claims {
  readonly contentMd5: string | undefined;
  /** The hash that the signature covers, in hexadecimal. */
  readonly contentSha256: string | undefined;
  /** The checksum to store with the object. Without a value, a trailer has it. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly value: string | undefined }
    | undefined;
}

/**
 * Reads a request's claims about its body from its headers.
 *
 * @throws {S3Error} when they contradict each other, or name something that S3 does not have
 */
export function claimsOf(headers: ReadonlyMap<string, string>): Claims {
  const contentMd5 = headers.get('content-md5');
  if (contentMd5 !== undefined && !isBase64(contentMd5, 16)) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  const sha256 = headers.get('x-amz-content-sha256');
  if (sha256 !== undefined && !SHA256.test(sha256) && !/^(UNSIGNED-PAYLOAD$|STREAMING-)/.test(sha256)) {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256.',
    );
  }

  const names = [...headers.keys()].filter((name) => CHECKSUM_HEADER.test(name));
  const trailers = listOf(headers.get('x-amz-trailer')?.toLowerCase());
  if (names.length + trailers.length > 1) {
    throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  }
  const name = names[0] ?? trailers[0];
  if (name === undefined) return { contentMd5, contentSha256: hashOnly(sha256), checksum: undefined };
  const algorithm = CHECKSUM_HEADER.exec(name)?.[1] ?? '';
  if (!isChecksumAlgorithm(algorithm)) {
    throw new S3Error('NotImplemented', `This server does not support the checksum '${name}'.`);
  }
  const checksum = { algorithm, value: headers.get(name) };
  return { contentMd5, contentSha256: hashOnly(sha256), checksum };
}

/** Returns the algorithms that are needed to check the body. */
export function algorithmsOf(claims: Claims): ChecksumAlgorithm[] {
  const algorithms: ChecksumAlgorithm[] = claims.checksum === undefined ? [] : [claims.checksum.algorithm];
  if (claims.contentSha256 !== undefined) algorithms.push('sha256');
  return algorithms;
}

/**
 * Checks all claims about a body.
 *
 * @throws {S3Error} when one is wrong
 */
export function verify(claims: Claims, digests: Digests, trailers: ReadonlyMap<string, string>): void {
  const { contentMd5, contentSha256, checksum } = claims;
  if (contentMd5 !== undefined && contentMd5 !== digests.digest('md5').toString('base64')) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  if (contentSha256 !== undefined && contentSha256 !== digests.digest('sha256').toString('hex')) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  if (checksum === undefined) return;

  const name = `x-amz-checksum-${checksum.algorithm}`;
  const value = checksum.value ?? trailers.get(name);
  if (value === undefined) {
    throw new S3Error('MalformedTrailerError', `The trailer ${name} was announced but is missing.`);
  }
  const computed = digests.digest(checksum.algorithm);
  if (!isBase64(value, computed.length)) {
    throw new S3Error('InvalidRequest', `Value for ${name} header is invalid.`);
  }
  if (value !== computed.toString('base64')) {
    const algorithm = checksum.algorithm.toUpperCase();
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function hashOnly(sha256: string | undefined): string | undefined {
  return sha256 !== undefined && SHA256.test(sha256) ? sha256 : undefined;
}

function isBase64(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}
