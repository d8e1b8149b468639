import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A function's error, as the Runtime API receives it. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
}

/** Lambda's Runtime API for one function. See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface RuntimeApi {
  /** `host:port` */
  address: string;
  /** Gives an event to the function when it requests the next one. @throws {InvocationError} if the function throws */
  invoke(event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

interface Invocation {
  id: string;
  event: unknown;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export async function startRuntimeApi(options: {
  functionArn: string;
  timeoutSeconds: number;
  /** Returns the time of the function's clock. */
  now(): number;
}): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let asking: ServerResponse | undefined;
  let count = 0;

  const giveOut = () => {
    if (!asking) return;
    const invocation = waiting.shift();
    if (!invocation) return;
    running.set(invocation.id, invocation);
    asking.writeHead(200, {
      'content-type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(options.now() + options.timeoutSeconds * 1000),
      'Lambda-Runtime-Invoked-Function-Arn': options.functionArn,
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    });
    asking.end(JSON.stringify(invocation.event));
    asking = undefined;
  };

  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (request.method === 'GET' && path === 'invocation/next') {
      asking = response;
      giveOut();
      return;
    }
    const body = await text(request);
    const [, id, outcome] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const invocation = running.get(id ?? '');
    response.writeHead(invocation || path === 'init/error' ? 202 : 404).end();
    if (path === 'init/error') {
      for (const { reject } of waiting.splice(0)) reject(new InvocationError(body));
    } else if (invocation) {
      running.delete(invocation.id);
      if (outcome === 'response') invocation.resolve(JSON.parse(body));
      else invocation.reject(new InvocationError(body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    invoke: (event) =>
      new Promise((resolve, reject) => {
        count += 1;
        waiting.push({ id: `request-${count}`, event, resolve, reject });
        giveOut();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
