import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { bytesOf, type SdkRequest, type SdkResponse } from './wire.ts';

/** The longest key, in bytes of UTF-8. */
const LONGEST_KEY = 1024;

/** The maximum number of keys on a page of a listing. */
const LARGEST_PAGE = 1_000;

/** Simulates one bucket with atomic PUTs, If-None-Match and checksums. It supports only the collector's requests. */
export class SimulatedS3 {
  readonly objects = new Map<string, Buffer>();

  handle(request: SdkRequest): SdkResponse {
    const key = keyOf(request);
    const stored = this.objects.get(key);
    switch (request.method) {
      case 'PUT': {
        if (Buffer.byteLength(key) > LONGEST_KEY) return xmlError(400, 'KeyTooLongError');
        if (request.headers['if-none-match'] === '*' && stored !== undefined) {
          return xmlError(412, 'PreconditionFailed');
        }
        const body = Buffer.from(bytesOf(request.body));
        const claimed = request.headers['x-amz-checksum-sha256'];
        if (claimed !== checksum(body)) return xmlError(400, 'BadDigest');
        this.objects.set(key, body);
        return { statusCode: 200, headers: { etag: '"0"' }, body: Buffer.alloc(0) };
      }
      case 'GET':
        if (request.query?.['list-type'] === '2') return this.#list(request.query);
        if (stored === undefined) return xmlError(404, 'NoSuchKey');
        return { statusCode: 200, headers: { etag: '"0"' }, body: Readable.from([stored]) };
      case 'HEAD':
        if (stored === undefined) return { statusCode: 404, headers: {}, body: Buffer.alloc(0) };
        return {
          statusCode: 200,
          headers: { 'x-amz-checksum-sha256': checksum(stored), 'content-length': String(stored.length) },
          body: Buffer.alloc(0),
        };
      // The collector never deletes, but a planted bug does.
      case 'DELETE':
        this.objects.delete(key);
        return { statusCode: 204, headers: {}, body: Buffer.alloc(0) };
      default:
        throw new Error(`the simulation has no S3 operation ${request.method}`);
    }
  }

  /** Lists the first page. No history has more keys than a page, unless the request wants a shorter one. */
  #list({
    prefix,
    delimiter,
    'start-after': after,
    'max-keys': maxKeys,
  }: NonNullable<SdkRequest['query']>): SdkResponse {
    const start = String(prefix);
    const entries = [...this.objects.keys()]
      .filter((key) => key.startsWith(start) && key > String(after ?? ''))
      .map((key) => {
        const end = delimiter === undefined ? -1 : key.indexOf(String(delimiter), start.length);
        return end < 0
          ? `<Contents><Key>${key}</Key></Contents>`
          : `<CommonPrefixes><Prefix>${key.slice(0, end + 1)}</Prefix></CommonPrefixes>`;
      });
    const page = [...new Set(entries)].sort().slice(0, maxKeys === undefined ? undefined : Number(maxKeys));
    if (page.length > LARGEST_PAGE) throw new RangeError('the simulation has no second page of a listing');
    const text = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated>${page.join('')}</ListBucketResult>`;
    return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
  }

  refuse({ method, headers }: SdkRequest, fault: 'throttled' | 'failed' | 'conflict'): SdkResponse {
    if (fault === 'throttled') return xmlError(503, 'SlowDown');
    if (fault === 'conflict' && method === 'PUT' && headers['if-none-match'] !== undefined) {
      return xmlError(409, 'ConditionalRequestConflict');
    }
    return xmlError(500, 'InternalError');
  }
}

export function keyOf({ path }: SdkRequest): string {
  const [, , ...segments] = path.split('/');
  return segments.map(decodeURIComponent).join('/');
}

function checksum(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}

function xmlError(statusCode: number, code: string): SdkResponse {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { statusCode, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text, 'utf8') };
}
