import type { Readable } from 'node:stream';
import { DEFAULT_CHECKSUM } from './checksums.ts';
import { isWanted, preconditionOf } from './conditions.ts';
import type { Metadata } from './metadata.ts';
import { readPayload } from './payload.ts';
import { type ByteRange, rangeOf } from './range.ts';
import { listOf, type S3Request } from './request.ts';
import type { OpenObject, Store } from './store.ts';

/** A response to a request. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

/** Headers of a PUT that GET and HEAD return, besides user metadata. */
const KEPT_HEADERS = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);

export async function putObject(store: Store, request: S3Request): Promise<S3Response> {
  const { bucket, key, headers } = request;
  const metadata = await store.putObject(bucket, key, preconditionOf(headers), async (handle) => {
    const { claims, digests } = await readPayload(request, [DEFAULT_CHECKSUM], (bytes) =>
      handle.writeFile(bytes),
    );
    const algorithm = claims.checksum?.algorithm ?? DEFAULT_CHECKSUM;
    return {
      key,
      md5: digests.digest('md5').toString('hex'),
      checksum: { algorithm, value: digests.digest(algorithm).toString('base64') },
      headers: keptHeaders(headers),
    };
  });
  return { status: 200, headers: { etag: `"${metadata.md5}"`, ...checksumHeaders(metadata) } };
}

export async function headObject(store: Store, request: S3Request): Promise<S3Response> {
  const object = await store.openObject(request.bucket, request.key);
  try {
    return describe(request, object).response;
  } finally {
    await object.handle.close();
  }
}

export async function getObject(store: Store, request: S3Request): Promise<S3Response> {
  const object = await store.openObject(request.bucket, request.key);
  let body: Readable | undefined;
  try {
    const { response, part } = describe(request, object);
    if (part === undefined) return response;
    // The stream closes the file.
    body = object.handle.createReadStream({ start: part.first, end: part.last });
    return { ...response, body };
  } finally {
    if (body === undefined) await object.handle.close();
  }
}

export async function deleteObject(store: Store, request: S3Request): Promise<S3Response> {
  await store.deleteObject(request.bucket, request.key);
  return { status: 204 };
}

/** Returns the response to a GET or HEAD, and the part of the object for the body, if any. */
function describe(
  request: S3Request,
  object: OpenObject,
): { response: S3Response; part: ByteRange | undefined } {
  const { file, metadata } = object;
  const size = Number(file.size);
  const identity = {
    etag: `"${metadata.md5}"`,
    'last-modified': new Date(Number(file.mtimeMs)).toUTCString(),
  };
  if (!isWanted(request.headers, metadata.md5)) {
    return { response: { status: 304, headers: identity }, part: undefined };
  }
  const headers = {
    'content-type': 'binary/octet-stream',
    ...metadata.headers,
    ...identity,
    'accept-ranges': 'bytes',
  };
  const range = rangeOf(request.headers.get('range'), size);
  if (range !== undefined) {
    const part = {
      'content-range': `bytes ${range.first}-${range.last}/${size}`,
      'content-length': String(range.last - range.first + 1),
    };
    return { response: { status: 206, headers: { ...headers, ...part } }, part: range };
  }
  // The checksum covers the whole object, so a partial response omits it.
  const checksum = request.headers.get('x-amz-checksum-mode') === 'ENABLED' ? checksumHeaders(metadata) : {};
  const response = { status: 200, headers: { ...headers, ...checksum, 'content-length': String(size) } };
  return { response, part: size === 0 ? undefined : { first: 0, last: size - 1 } };
}

function keptHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (KEPT_HEADERS.has(name) || name.startsWith('x-amz-meta-')) kept[name] = value;
  }
  // The transfer encoding of the body is not a property of the object.
  const encodings = listOf(kept['content-encoding']).filter((encoding) => encoding !== 'aws-chunked');
  delete kept['content-encoding'];
  if (encodings.length > 0) kept['content-encoding'] = encodings.join(',');
  return kept;
}

function checksumHeaders({ checksum }: Metadata): Record<string, string> {
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}
