import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createServer } from '../../shared/node-http.ts';
import type { LocalService } from '../service.ts';
import { S3Error } from './errors.ts';
import type { S3Response } from './objects.ts';
import { perform } from './operations.ts';
import { parseRequest } from './request.ts';
import { checkSignature, type S3Credentials } from './signature.ts';
import { Store } from './store.ts';

/**
 * Starts S3 on loopback, with each object as a plain file at `<root>/<bucket>/<key>`. Clients need path style, and sign
 * their requests, because every user of the machine can reach the port. The credentials are random by default.
 *
 * A root must have one server at a time. `close` cuts connections: acknowledged objects stay, uploads in flight are
 * dropped.
 */
export async function startLocalS3(
  root: string,
  credentials: S3Credentials = randomCredentials(),
): Promise<LocalService & { credentials: S3Credentials }> {
  const store = await Store.open(root);
  const pending = new Set<Promise<void>>();
  // Idle connections stay open, or the server could close one just as a client uses it again.
  const server = createServer({ keepAliveTimeout: 0 }, (message, response) => {
    const task = respond(store, credentials, message, response).finally(() => pending.delete(task));
    pending.add(task);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    credentials,
    endpoint: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await Promise.all(pending);
    },
  };
}

/** Returns credentials that only this process knows. */
export function randomCredentials(): S3Credentials {
  return { accessKeyId: randomBytes(16).toString('hex'), secretAccessKey: randomBytes(32).toString('hex') };
}

async function respond(
  store: Store,
  credentials: S3Credentials,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('server', 'atlas-lake');
  try {
    const request = parseRequest(message);
    checkSignature({ ...request, target: message.url ?? '' }, credentials);
    const result = await perform(store, request);
    await send(response, result);
  } catch (error) {
    // A broken connection needs no response, and a partial response must not continue as another.
    if (response.headersSent || response.destroyed) return;
    await send(response, errorResponse(error, message, requestId));
  }
}

function errorResponse(error: unknown, message: IncomingMessage, requestId: string): S3Response {
  const s3Error =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', error instanceof Error ? error.message : String(error));
  return {
    status: s3Error.status,
    headers: { ...s3Error.headers, 'content-type': 'application/xml' },
    body: s3Error.toXml(message.url ?? '', requestId),
  };
}

async function send(response: ServerResponse, { status, headers = {}, body }: S3Response): Promise<void> {
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  if (body === undefined || typeof body === 'string') response.end(body);
  else await pipeline(body, response);
}
