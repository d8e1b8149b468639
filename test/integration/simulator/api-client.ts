import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator/server.ts';

export const ACCEPT = 'application/vnd.atlas.2025-03-12+json';

/** A response, with its document. */
export interface ApiResponse {
  status: number;
  headers: Headers;
  text: string;
  document: Record<string, unknown>;
}

/** A simulator and a client with a token for it. */
export interface Api {
  simulator: Simulator;
  /** Reads a path below `/api/atlas/v2`. */
  get(path: string, headers?: Record<string, string>): Promise<ApiResponse>;
  /** Returns the status and error code of such a read. */
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
  async function get(path: string, headers: Record<string, string> = {}): Promise<ApiResponse> {
    const response = await once(path, headers);
    if (response.status !== 401) return response;
    // Tokens are valid for an hour, and tests move the clock much further.
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

export async function read(url: string, headers: Record<string, string>): Promise<ApiResponse> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, document: parsed(text) };
}

/** Returns the JSON object in a body, or an empty object for anything else. */
export function parsed(text: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(text)) };
  } catch {
    return {};
  }
}

/** Sends a token request (RFC 6749), with the simulator's own client by default. */
export function postTokenRequest(
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
  const response = await postTokenRequest(simulator, clientId, clientSecret);
  return String(parsed(await response.text())['access_token']);
}

/** Returns the entries of a list's page. */
export function results({ document }: ApiResponse): Record<string, unknown>[] {
  return listOf(document['results']);
}

/** Returns a list of objects, or an empty one for anything else. */
export function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map((entry: unknown) => ({ ...Object(entry) })) : [];
}
