import type { LocalService } from './service.ts';

/**
 * Starts SQS (fauxqs) in this process, in memory and on loopback. With an access key, requests must name it: the key is
 * the secret, because signatures are not checked.
 */
export async function startLocalSqs(accessKeyId?: string): Promise<LocalService> {
  // Loaded when needed, because it is a third of the modules of a command.
  const { buildApp } = await import('fauxqs');
  // Not its startFauxqs, which listens on every interface.
  const app = buildApp({ logger: false });
  // It names queues at sqs.<region>.localhost, which some systems do not resolve, and the SDK follows queue URLs.
  app.addHook('preSerialization', async (request, _reply, payload) => withQueuesAt(request.host, payload));
  app.addHook('onRequest', async (request, reply) => {
    if (accessKeyId === undefined || named(request.headers.authorization) === accessKeyId) return;
    await reply.code(403).send({ __type: 'com.amazon.coral.service#InvalidClientTokenId' });
  });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint,
    close: async () => {
      await app.close();
    },
  };
}

/** Returns the access key that a signature names. */
function named(authorization: string | undefined): string | undefined {
  return authorization?.split('Credential=', 2)[1]?.split('/', 1)[0];
}

function withQueuesAt(host: string, payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return payload;
  const at = (url: unknown) => `http://${host}${new URL(String(url)).pathname}`;
  if ('QueueUrl' in payload) return { ...payload, QueueUrl: at(payload.QueueUrl) };
  if ('QueueUrls' in payload && Array.isArray(payload.QueueUrls)) {
    return { ...payload, QueueUrls: payload.QueueUrls.map(at) };
  }
  return payload;
}
