import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { EmbeddedService } from '../service.ts';
import { S3Error } from './errors.ts';
import type { Reply } from './objects.ts';
import { perform } from './operations.ts';
import { parseRequest } from './request.ts';
import { checkSignature, type S3Credentials } from './signature.ts';
import { Store } from './store.ts';

/**
 * Starts S3 on loopback, each object a plain file at `<root>/<bucket>/<key>`. Clients need path style, and sign their
 * requests with the credentials, which are random unless they are given: every user of the machine reaches the port.
 *
 * A root must have one server at a time. `close` cuts connections: what was acknowledged stays, an upload in flight is dropped.
 */
export async function startEmbeddedS3(
  root: string,
  credentials: S3Credentials = randomCredentials(),
): Promise<EmbeddedService & { credentials: S3Credentials }> {
  const store = await Store.open(root);
  const answering = new Set<Promise<void>>();
  // Idle connections stay, or one could be closed at the moment when a client uses it again.
  const server = createServer({ keepAliveTimeout: 0 }, (message, response) => {
    const answer = respond(store, credentials, message, response).finally(() => answering.delete(answer));
    answering.add(answer);
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
      await Promise.all(answering);
    },
  };
}

/** What nobody knows but this process, and whom it tells. */
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
    const reply = await perform(store, request);
    await send(response, reply);
  } catch (error) {
    // Nobody is left to be told when the connection broke; half an answer is cut off, not completed by another.
    if (response.headersSent || response.destroyed) return;
    await send(response, errorReply(error, message, requestId));
  }
}

function errorReply(error: unknown, message: IncomingMessage, requestId: string): Reply {
  const told =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', error instanceof Error ? error.message : String(error));
  return {
    status: told.status,
    headers: { ...told.headers, 'content-type': 'application/xml' },
    body: told.toXml(message.url ?? '', requestId),
  };
}

async function send(response: ServerResponse, { status, headers = {}, body }: Reply): Promise<void> {
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  if (body === undefined || typeof body === 'string') response.end(body);
  else await pipeline(body, response);
}
