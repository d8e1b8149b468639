import { decodeAwsChunked } from './aws-chunked.ts';
import { type ChecksumAlgorithm, Digests } from './checksums.ts';
import { algorithmsOf, type Claims, claimsOf, verify } from './claims.ts';
import { S3Error } from './errors.ts';
import { listOf, type S3Request } from './request.ts';

/** More than a list of a thousand keys of maximum length. */
const LONGEST_DOCUMENT = 8 * 1024 * 1024;

/** A body that was read completely and matches the request's claims. */
export interface Payload {
  readonly claims: Claims;
  readonly digests: Digests;
}

/**
 * Reads the body of a request, passes its content to `sink` piece by piece, and checks it against all claims of the
 * request: lengths, checksums, hashes.
 *
 * @throws {S3Error} when a claim is wrong; the sink's content is invalid then
 */
export async function readPayload(
  request: S3Request,
  further: readonly ChecksumAlgorithm[],
  sink: (bytes: Buffer) => Promise<void>,
): Promise<Payload> {
  const claims = claimsOf(request.headers);
  const digests = new Digests([...algorithmsOf(claims), ...further]);
  const trailers = new Map<string, string>();
  const length = lengthOf(request);
  let received = 0;
  for await (const bytes of contentOf(request, trailers)) {
    received += bytes.length;
    digests.update(bytes);
    await sink(bytes);
  }
  if (received !== length) {
    throw new S3Error('IncompleteBody', `The body has ${received} bytes, but ${length} were announced.`);
  }
  verify(claims, digests, trailers);
  return { claims, digests };
}

/** Reads a body that is a document, with the same checks. */
export async function readDocument(request: S3Request): Promise<{ text: string; claims: Claims }> {
  const parts: Buffer[] = [];
  let size = 0;
  const { claims } = await readPayload(request, [], async (bytes) => {
    size += bytes.length;
    if (size > LONGEST_DOCUMENT) throw new S3Error('EntityTooLarge', 'The document is too large.');
    parts.push(bytes);
  });
  return { text: Buffer.concat(parts).toString('utf8'), claims };
}

/** Returns whether the body is in the `aws-chunked` encoding. */
function isAwsChunked(request: S3Request): boolean {
  return (
    (request.headers.get('x-amz-content-sha256') ?? '').startsWith('STREAMING-') ||
    listOf(request.headers.get('content-encoding')).includes('aws-chunked')
  );
}

function contentOf(request: S3Request, trailers: Map<string, string>): AsyncIterable<Buffer> {
  // Not destroyed when the loop ends early, because the connection must still send the response.
  const body: AsyncIterableIterator<Buffer> = request.message.iterator({ destroyOnReturn: false });
  return isAwsChunked(request) ? decodeAwsChunked(body, trailers) : body;
}

function lengthOf(request: S3Request): number {
  const name = isAwsChunked(request) ? 'x-amz-decoded-content-length' : 'content-length';
  const length = request.headers.get(name);
  if (length === undefined || !/^\d+$/.test(length)) {
    throw new S3Error('MissingContentLength', `You must provide the ${name} header.`);
  }
  return Number(length);
}
