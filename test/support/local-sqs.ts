import { buildApp } from 'fauxqs';
import type { LocalService } from '../../local-aws/service.ts';

/** Starts SQS (fauxqs) in this process, in memory and on loopback. */
export async function startLocalSqs(): Promise<LocalService> {
  // Not its startFauxqs, which listens on every interface.
  const app = buildApp({ logger: false });
  // It names queues at sqs.<region>.localhost, which some systems do not resolve, and the SDK follows queue URLs.
  app.addHook('preSerialization', async (request, _reply, payload) => withQueuesAt(request.host, payload));
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint,
    close: async () => {
      await app.close();
    },
  };
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
