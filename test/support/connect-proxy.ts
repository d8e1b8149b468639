import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy {
  url: string;
  /** The hosts to which clients requested a tunnel, and how they authenticated. */
  readonly tunnels: Array<{ target: string; authorization: string | undefined }>;
  /** The other requests, which no client should send. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy that only makes tunnels (CONNECT), over TLS if it gets a certificate.
 * @param options.credentials what it requires, as `user:password`
 * @param options.refusal the status with which it answers every CONNECT
 */
export async function startConnectProxy(
  options: { tls?: { key: string; cert: string }; credentials?: string; refusal?: number } = {},
): Promise<ConnectProxy> {
  const tunnels: ConnectProxy['tunnels'] = [];
  const requests: string[] = [];
  const sockets = new Set<Duplex>();
  const onRequest = ({ url }: IncomingMessage, response: { writeHead(status: number): { end(): void } }) => {
    requests.push(url ?? '');
    response.writeHead(400).end();
  };
  const server = options.tls ? createSecureServer(options.tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const authorization = request.headers['proxy-authorization'];
    tunnels.push({ target: request.url ?? '', authorization });
    client.on('error', () => {});
    const wanted =
      options.credentials && `Basic ${Buffer.from(options.credentials, 'utf8').toString('base64')}`;
    const status = options.refusal ?? (wanted !== undefined && authorization !== wanted ? 407 : 200);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    // A certificate is of a name.
    url: options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    tunnels,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
