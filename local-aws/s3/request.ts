import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

/** A request, taken apart. */
export interface S3Request {
  readonly method: string;
  /** As it was sent. */
  readonly path: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  readonly message: IncomingMessage;
}

/**
 * Takes a request in path style apart. By hand, since `URL` would resolve the dots in a key; every part is decoded
 * exactly once.
 * @throws {S3Error} InvalidURI
 */
export function parseRequest(message: IncomingMessage): S3Request {
  const [, path = '', , search = ''] = /^([^?]*)(\?(.*))?$/s.exec(message.url ?? '') ?? [];
  const [, bucket, , key = ''] = /^\/([^/]*)(\/(.*))?$/s.exec(path) ?? [];
  if (bucket === undefined) throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  return {
    method: message.method ?? '',
    path,
    bucket: decode(bucket),
    key: decode(key),
    query: new Map(new URLSearchParams(search)),
    headers: new Map(
      Object.entries(message.headersDistinct).map(([name, values]) => [name, values?.join(',') ?? '']),
    ),
    message,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** The members of a header that is a list with commas. */
export function listOf(header: string | undefined): string[] {
  return header?.split(',').map((member) => member.trim()) ?? [];
}
