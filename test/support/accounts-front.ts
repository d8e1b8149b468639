import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One address in front of several simulators. It forwards each request to the simulator of its service account. */
export interface AccountsFront {
  url: string;
  /** Answers an account's requests to matching paths with a status, until the returned function is called. */
  fail(clientId: string, path: RegExp, status: number): () => void;
  close(): Promise<void>;
}

/** @param simulators the address of each service account's simulator, by its client id */
export async function startAccountsFront(simulators: ReadonlyMap<string, string>): Promise<AccountsFront> {
  const accounts = new Map<string, string>();
  const faults: Array<{ clientId: string; path: RegExp; status: number }> = [];
  const server = createServer(async (incoming, outgoing) => {
    const clientId = accountOf(incoming, accounts);
    const fault = faults.find((one) => one.clientId === clientId && one.path.test(incoming.url ?? ''));
    if (fault) {
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: fault.status, errorCode: 'UNEXPECTED_ERROR', reason: '' }));
      return;
    }
    // A request without credentials asks for the time.
    const [first = ''] = simulators.values();
    const { hostname, port } = new URL(simulators.get(clientId ?? '') ?? first);
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
    const forwarded = request({ hostname, port, method, path, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (path?.endsWith('/oauth/token') && answer.statusCode === 200)
        accounts.set(JSON.parse(body.toString()).access_token, clientId ?? '');
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      outgoing.end(body);
    });
    forwarded.on('error', () => incoming.socket.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    fail(clientId, path, status) {
      const fault = { clientId, path, status };
      faults.push(fault);
      return () => faults.splice(faults.indexOf(fault), 1);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Returns the account that signed a request: of a token request by its name, of others by the token it was given. */
function accountOf(
  { headers: { authorization = '' } }: IncomingMessage,
  accounts: ReadonlyMap<string, string>,
): string | undefined {
  const [scheme, value = ''] = authorization.split(' ');
  if (scheme === 'Basic') return Buffer.from(value, 'base64').toString().split(':')[0];
  return accounts.get(value);
}
