import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Fault } from '../faults.ts';

const compress = promisify(gzip);

/** A response before it is sent. */
export interface HttpResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** A text, or the bytes of a file, which are sent as they are. */
  body: string | Buffer;
}

/**
 * Sends a response, compressed if the client accepts gzip, and damaged if a fault says so.
 *
 * @returns the status that the client saw; 0 if it saw none
 */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  content: HttpResponse,
  fault: Fault | undefined,
): Promise<number> {
  const kind = fault?.kind;
  if (kind === 'stall') return 0;
  if (kind === 'reset') {
    request.socket.destroy();
    return 0;
  }
  const body = changeBody(content.body, fault);
  const plain = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const zipped = typeof body === 'string' && acceptsGzip(request);
  const bytes = zipped ? await compress(plain, { level: 1 }) : plain;
  const headers: Record<string, string> = { ...content.headers, Vary: 'Accept-Encoding' };
  if (zipped) headers['Content-Encoding'] = 'gzip';
  if (kind !== 'cut-chunked') headers['Content-Length'] = String(bytes.length);
  response.writeHead(content.status, headers);
  if (kind !== 'cut-body' && kind !== 'cut-chunked' && kind !== 'stall-body') {
    response.end(bytes);
    return content.status;
  }
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  await new Promise<void>((sent) => {
    response.write(half, () => sent());
  });
  if (kind !== 'stall-body') request.socket.destroy();
  return content.status;
}

function changeBody(body: string | Buffer, fault: Fault | undefined): string | Buffer {
  if (fault?.kind === 'not-json') return `<html><body>${body.length} items</body></html>`;
  if (fault?.kind === 'wrong-shape')
    return JSON.stringify(fault.body ?? { results: 7, measurements: 7, hardwareMeasurements: 7 });
  return body;
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  const accepted = [headers['accept-encoding'] ?? ''].flat().join(',');
  return accepted.split(',').some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}
