import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

/** A parsed request. */
export interface S3Request {
  readonly method: string;
  /** As the client sent it. */
  readonly path: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  readonly message: IncomingMessage;
}

/**
 * Parses a request in path style. Does not use `URL`, which would resolve the dots in a key. Decodes every part exactly
 * once.
 *
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

/** Returns the members of a header that is a comma-separated list. */
export function listOf(header: string | undefined): string[] {
  return header?.split(',').map((member) => member.trim()) ?? [];
}
