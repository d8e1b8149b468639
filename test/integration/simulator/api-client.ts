import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator/server.ts';

export const ACCEPT = 'application/vnd.atlas.2025-03-12+json';

/** An answer, with its document. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  document: Record<string, unknown>;
}

/** A simulator and a client that has a token for it. */
export interface Api {
  simulator: Simulator;
  /** Reads a path below `/api/atlas/v2`. */
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  /** The status and error code of such a read. */
  refusal(path: string): Promise<[number, unknown]>;
}

export async function startApi(options: SimulatorOptions = {}): Promise<Api> {
  const simulator = await startSimulator(options);
  let token = await requestToken(simulator);
  const once = (path: string, headers: Record<string, string>) =>
    read(`${simulator.url}/api/atlas/v2${path}`, {
      Authorization: `Bearer ${token}`,
      Accept: ACCEPT,
      ...headers,
    });
  async function get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
    const answer = await once(path, headers);
    if (answer.status !== 401) return answer;
    // Tokens live for an hour, and tests move the clock much further.
    token = await requestToken(simulator);
    return once(path, headers);
  }
  return {
    simulator,
    get,
    async refusal(path) {
      const { status, document } = await get(path);
      return [status, document['errorCode']];
    },
  };
}

export async function read(url: string, headers: Record<string, string>): Promise<Answered> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, document: parsed(text) };
}

/** The JSON object in a body; of anything else, nothing. */
export function parsed(text: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(text)) };
  } catch {
    return {};
  }
}

/** Asks for a token as RFC 6749 says, with the simulator's own client unless another is named. */
export function askForToken(
  simulator: Simulator,
  clientId = simulator.credentials.clientId,
  clientSecret = simulator.credentials.clientSecret,
): Promise<Response> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  return fetch(`${simulator.url}/api/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

export async function requestToken(simulator: Simulator, clientId?: string, clientSecret?: string) {
  const response = await askForToken(simulator, clientId, clientSecret);
  return String(parsed(await response.text())['access_token']);
}

/** The entries of a list's page. */
export function results({ document }: Answered): Record<string, unknown>[] {
  return listOf(document['results']);
}

/** A list of objects, or an empty one for anything else. */
export function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map((entry: unknown) => ({ ...Object(entry) })) : [];
}
