import type { Readable } from 'node:stream';

/** A request of the SDK, as its handler receives it. */
export interface SdkRequest {
  method: string;
  path: string;
  /** The query parameters, by name. */
  query?: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
}

/** An HTTP response in the form that the SDK accepts. */
export interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  /** A stream if the collector reads it in pieces. */
  body: Uint8Array | Readable;
}

export function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('the body is neither text nor bytes');
}

export function jsonResponse(statusCode: number, document: object): SdkResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(document), 'utf8'),
  };
}

/** Returns an error of a service with a JSON protocol. */
export function jsonError(statusCode: number, code: string, more: object = {}): SdkResponse {
  return jsonResponse(statusCode, { __type: `com.amazonaws#${code}`, message: code, Message: code, ...more });
}
