import { type ChecksumAlgorithm, type Digests, isChecksumAlgorithm } from './checksums.ts';
import { S3Error } from './errors.ts';
import { listOf } from './request.ts';

const CHECKSUM_HEADER = /^x-amz-checksum-(.+)$/;
const SHA256 = /^[\da-f]{64}$/;

/** What a request says about its body. */
export interface Claims {
  readonly contentMd5: string | undefined;
  /** As the signature covers it, in hexadecimal. */
  readonly contentSha256: string | undefined;
  /** The checksum to keep with the object; without a value, that follows the body. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly value: string | undefined }
    | undefined;
}

/**
 * What the headers of a request say about its body.
 * @throws {S3Error} when they contradict each other, or name what S3 does not know.
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
    throw new S3Error('NotImplemented', `There is no checksum '${name}' here.`);
  }
  const checksum = { algorithm, value: headers.get(name) };
  return { contentMd5, contentSha256: hashOnly(sha256), checksum };
}

/** What has to be computed of the body in order to check it. */
export function algorithmsOf(claims: Claims): ChecksumAlgorithm[] {
  const algorithms: ChecksumAlgorithm[] = claims.checksum === undefined ? [] : [claims.checksum.algorithm];
  if (claims.contentSha256 !== undefined) algorithms.push('sha256');
  return algorithms;
}

/**
 * Checks everything that was said about a body against what came.
 * @throws {S3Error} when something does not hold.
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
    throw new S3Error('MalformedTrailerError', `The trailer ${name} was announced and did not come.`);
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
