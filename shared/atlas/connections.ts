import type { Dispatcher } from 'undici';
// Not from 'undici' itself, which adds fetch, WebSocket, caches and mocks to every function's bundle.
import connect from 'undici/lib/api/api-connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { HttpsProxy } from '../https-proxy.ts';

/** Maximum concurrent requests. Atlas responds in 0.1 to 0.5 s, and a bucket refills about 2 requests per second. */
export const CONNECTIONS = 10;

/** Time limits in milliseconds. */
export interface TimeLimits {
  connect: number;
  /** From the request to the response's headers. */
  headers: number;
  /** Between two parts of the body. */
  body: number;
  /** For the whole exchange: a server that sends a byte now and then stays within the other limits. */
  total: number;
}

// Atlas was observed to respond within half a second; a full response of access logs may take longer. With three
// attempts, one hanging target costs a run a minute.
export const TIME_LIMITS: TimeLimits = { connect: 10_000, headers: 20_000, body: 20_000, total: 60_000 };

/** Milliseconds to keep an idle connection: longer than a request waits for its bucket. */
const KEEP_ALIVE = 20_000;

/** Returns the connections to one Atlas: direct, or through a proxy. */
export function connectionsWithin(limits: TimeLimits, proxy: HttpsProxy | undefined): Dispatcher {
  const options = {
    allowH2: true,
    connections: CONNECTIONS,
    connectTimeout: limits.connect,
    headersTimeout: limits.headers,
    bodyTimeout: limits.body,
    keepAliveTimeout: KEEP_ALIVE,
  };
  if (proxy === undefined) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    httpsProxy: proxy.url,
    httpProxy: '',
    noProxy: proxy.except,
    // Few proxies can CONNECT in HTTP/2.
    proxyTls: { allowH2: false },
    // Only undici's own entry point gives this method to every dispatcher.
    clientFactory: (origin, settings) => Object.assign(new Pool(origin, settings), { connect }),
  });
}

/** Returns what a proxy answered to CONNECT if it refused. undici says so only in its message. */
export function refusalOfProxy({ message }: Error): string | undefined {
  const status = /^Proxy response \((\d+)\)/.exec(message)?.[1];
  if (status === undefined) return undefined;
  return status === '407'
    ? 'the proxy requires another user or password (407)'
    : `the proxy refused the connection (${status})`;
}
