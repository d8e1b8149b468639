import { buildApp } from 'fauxqs';
import type { EmbeddedService } from './service.ts';

/** Starts SQS (fauxqs) in this process, in memory and on loopback. */
export async function startEmbeddedSqs(): Promise<EmbeddedService> {
  // Not its startFauxqs: that listens on every interface.
  const app = buildApp({ logger: false });
  // It puts queues at sqs.<region>.localhost, which not every system resolves, and the SDK follows queue URLs.
  app.addHook('preSerialization', async (request, _reply, payload) => withQueuesAt(request.host, payload));
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint,
    close: async () => {
      await app.close();
    },
  };
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
