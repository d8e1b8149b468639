import { buildApp } from 'fauxqs';
import type { EmbeddedService } from './service.ts';

/**
 * Starts SQS (fauxqs) in this process, in memory and on loopback. Where an access key is given, it is the secret that a
 * request must name: the signature itself is not checked.
 */
export async function startEmbeddedSqs(accessKeyId?: string): Promise<EmbeddedService> {
  // Not its startFauxqs: that listens on every interface.
  const app = buildApp({ logger: false });
  // It puts queues at sqs.<region>.localhost, which not every system resolves, and the SDK follows queue URLs.
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

/** Returns the access key that a signature is said to be made with. */
function named(authorization: string | undefined): string | undefined {
  return authorization?.split('Credential=', 2)[1]?.split('/', 1)[0];
}

function withQueuesAt(host: string, answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const at = (url: unknown) => `http://${host}${new URL(String(url)).pathname}`;
  if ('QueueUrl' in answer) return { ...answer, QueueUrl: at(answer.QueueUrl) };
  if ('QueueUrls' in answer && Array.isArray(answer.QueueUrls)) {
    return { ...answer, QueueUrls: answer.QueueUrls.map(at) };
  }
  return answer;
}
