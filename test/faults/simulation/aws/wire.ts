import type { Readable } from 'node:stream';

/** A request of the SDK, as its handler gets it. */
export interface SdkRequest {
  method: string;
  path: string;
  /** Parameters of the address, by name. */
  query?: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
}

/** What the SDK takes for an HTTP response. */
export interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  /** What is read piece by piece is a stream. */
  body: Uint8Array | Readable;
}

export function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('a body that is neither text nor bytes');
}

export function jsonResponse(statusCode: number, document: object): SdkResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(document), 'utf8'),
  };
}

/** An error of the services that speak JSON. */
export function jsonError(statusCode: number, code: string, more: object = {}): SdkResponse {
  return jsonResponse(statusCode, { __type: `com.amazonaws#${code}`, message: code, Message: code, ...more });
}
