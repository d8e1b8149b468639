import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request, as a fault's condition sees it. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/**
 * - `lose-answer`: the server executes the request, and the client's connection breaks before the answer.
 * - `refuse`: the connection breaks before the server gets the request.
 * - `hold`: the client's connection breaks, and the request waits for `release`. It simulates a late request.
 */
export type Fault = 'lose-answer' | 'refuse' | 'hold';

/** An uncompressed answer on its way back. */
export interface ProxiedResponse {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

export interface FaultProxy {
  endpoint: string;
  /** Applies a fault to the next `times` requests that meet the condition. @default all requests */
  on(matches: (request: SeenRequest) => boolean, fault: Fault, times?: number): void;
  /**
   * Calls back when such a request arrives, and again when the server has executed it, both before the answer. Returns a
   * function that stops the watch.
   */
  watch(matches: (request: SeenRequest) => boolean, callback: (when: 'before' | 'after') => void): () => void;
  /** Changes the answers to such requests until the returned function is called. */
  alter(
    matches: (request: SeenRequest) => boolean,
    change: (answer: ProxiedResponse, request: SeenRequest) => ProxiedResponse,
  ): () => void;
  /** The requests that had a fault. */
  readonly faulted: SeenRequest[];
  /** Sends the held requests to the server and returns the statuses of its answers. */
  release(): Promise<number[]>;
  clear(): void;
  close(): Promise<void>;
}

/** Starts a reverse proxy in front of a stand-in, with faults on request. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const rules: Array<{ matches: (request: SeenRequest) => boolean; fault: Fault; left: number }> = [];
  const watches: Array<{
    matches: (request: SeenRequest) => boolean;
    callback: (when: 'before' | 'after') => void;
  }> = [];
  const changes: Array<{
    matches: (request: SeenRequest) => boolean;
    change: (answer: ProxiedResponse, request: SeenRequest) => ProxiedResponse;
  }> = [];
  const faulted: SeenRequest[] = [];
  const held: SeenRequest[] = [];

  const forward = (seen: SeenRequest) =>
    new Promise<ProxiedResponse>((resolve, reject) => {
      const outgoing = request(
        { hostname, port, method: seen.method, path: seen.path, headers: seen.headers },
        async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(seen.body);
    });

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const seen: SeenRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks),
    };
    const rule = rules.find(({ matches, left }) => left > 0 && matches(seen));
    if (rule) {
      rule.left -= 1;
      faulted.push(seen);
      if (rule.fault === 'hold') held.push(seen);
      if (rule.fault === 'lose-answer') await forward(seen);
      incoming.socket.destroy();
      return;
    }
    const watching = watches.filter(({ matches }) => matches(seen));
    const changing = changes.filter(({ matches }) => matches(seen));
    if (changing.length > 0) seen.headers['accept-encoding'] = 'identity';
    try {
      for (const { callback } of watching) callback('before');
      const answered = await forward(seen);
      for (const { callback } of watching) callback('after');
      const { status, headers, body } = changing.reduce(
        (answer, { change }) => change(answer, seen),
        answered,
      );
      const { 'transfer-encoding': _, ...rest } = headers;
      const length = seen.method === 'HEAD' ? {} : { 'content-length': body.length };
      outgoing.writeHead(status, { ...rest, ...length });
      outgoing.end(body);
    } catch {
      incoming.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    on: (matches, fault, times = Number.POSITIVE_INFINITY) => rules.push({ matches, fault, left: times }),
    watch(matches, callback) {
      const watch = { matches, callback };
      watches.push(watch);
      return () => {
        watches.splice(watches.indexOf(watch), 1);
      };
    },
    alter(matches, change) {
      const entry = { matches, change };
      changes.push(entry);
      return () => {
        changes.splice(changes.indexOf(entry), 1);
      };
    },
    faulted,
    async release() {
      const statuses: number[] = [];
      for (const seen of held.splice(0)) statuses.push((await forward(seen)).status);
      return statuses;
    },
    clear: () => rules.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
