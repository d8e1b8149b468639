import { TOKEN_PATH } from '../auth/tokens.ts';
import type { SimulatorClock } from '../clock.ts';
import type { Fault } from '../faults.ts';
import type { createRequestLog, LoggedRequest } from '../request-log.ts';
import { ROUTES } from '../routes/index.ts';
import { type ApiState, errorResponse, handleApiRequest } from './api.ts';
import { ApiError } from './api-error.ts';
import type { HttpResponse } from './respond.ts';
import { matchRoute, type RouteMatch, splitTarget } from './router.ts';
import { handleTokenRequest } from './token-endpoint.ts';

/** The state that responses depend on, besides the request. */
export interface AtlasState {
  api: ApiState;
  clock: SimulatorClock;
  requests: ReturnType<typeof createRequestLog>;
  /** Called before each response. */
  onRequest(request: LoggedRequest): void;
}

/** A request to Atlas, independent of its transport. */
export interface AtlasRequest {
  method: string;
  /** Path and query as the client sent them. */
  target: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** Atlas's response, before a fault changes it. */
export interface AtlasResponse {
  response: HttpResponse;
  fault: Fault | undefined;
  /** The request's entry in the log. The caller sets its status when it sends the response. */
  logged: LoggedRequest;
}

/** Returns Atlas's response to a request, and logs the request. */
export function handleRequest(state: AtlasState, request: AtlasRequest): AtlasResponse {
  const { path, query } = splitTarget(request.target);
  const match = matchRoute(ROUTES, path);
  const logged: LoggedRequest = {
    method: request.method,
    path,
    query,
    operation: path === TOKEN_PATH ? 'token' : (match?.route.operation ?? null),
    projectId: match?.parameters.get('groupId') ?? null,
    processId: match?.parameters.get('processId') ?? null,
    status: 0,
    at: state.clock.now(),
  };
  state.requests.add(logged);
  state.onRequest(logged);
  const faultFor = () => state.api.faults.faultFor({ ...logged, path: decoded(path) });
  return { ...handleRoute(state, request, path, match, faultFor), logged };
}

function handleRoute(
  { api, clock, requests }: AtlasState,
  { method, target, headers, body }: AtlasRequest,
  path: string,
  match: RouteMatch | undefined,
  faultFor: () => Fault | undefined,
): { response: HttpResponse; fault: Fault | undefined } {
  const authorization = single(headers['authorization']);
  if (path === TOKEN_PATH) {
    const fault = faultFor();
    const contentType = single(headers['content-type']);
    return {
      response: handleTokenRequest(api.tokens, method, { authorization, contentType, body }, fault),
      fault,
    };
  }
  if (match === undefined) {
    const error = new ApiError(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${path}.`, [path]);
    return { response: errorResponse(error), fault: undefined };
  }
  if (method !== (match.route.method ?? 'GET')) {
    const error = new ApiError(405, 'METHOD_NOT_ALLOWED', `Method ${method} is not allowed.`, [method]);
    return { response: errorResponse(error), fault: undefined };
  }
  const accept = single(headers['accept']);
  const origin = `http://${single(headers['host']) ?? '127.0.0.1'}`;
  // The log already contains this request.
  const earlierRequests = () => requests.list.filter((entry) => entry.path === path).length - 1;
  const sent = { method, target, authorization, accept, body, origin, now: clock.now(), earlierRequests };
  return handleApiRequest(api, sent, match, faultFor);
}

/** Returns the header's value. Clients never repeat these headers. */
function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
