import { TOKEN_PATH } from '../auth/tokens.ts';
import type { SimulatorClock } from '../clock.ts';
import type { Fault } from '../faults.ts';
import type { createRequestLog, LoggedRequest } from '../request-log.ts';
import { ROUTES } from '../routes/index.ts';
import { type ApiState, answerApi, errorAnswer } from './api.ts';
import { ApiError } from './api-error.ts';
import type { Answer } from './respond.ts';
import { matchRoute, type RouteMatch, splitTarget } from './router.ts';
import { answerToken } from './token-endpoint.ts';

/** What the answers depend on, besides the request. */
export interface AtlasState {
  api: ApiState;
  clock: SimulatorClock;
  requests: ReturnType<typeof createRequestLog>;
  /** Called before a request is answered. */
  onRequest(request: LoggedRequest): void;
}

/** A request to Atlas, however it came. */
export interface AtlasRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** What Atlas would answer, before a fault spoils it on its way. */
export interface AtlasAnswer {
  answer: Answer;
  fault: Fault | undefined;
  /** The request's entry in the log; its status is for whoever sends the answer to fill in. */
  logged: LoggedRequest;
}

/** Answers a request as Atlas does, and logs it. */
export function answerAtlas(state: AtlasState, request: AtlasRequest): AtlasAnswer {
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
  const strike = () => state.api.faults.strike({ ...logged, path: decoded(path) });
  return { ...answerRoute(state, request, path, match, strike), logged };
}

function answerRoute(
  { api, clock, requests }: AtlasState,
  { method, target, headers, body }: AtlasRequest,
  path: string,
  match: RouteMatch | undefined,
  strike: () => Fault | undefined,
): { answer: Answer; fault: Fault | undefined } {
  const authorization = single(headers['authorization']);
  if (path === TOKEN_PATH) {
    const fault = strike();
    const contentType = single(headers['content-type']);
    return { answer: answerToken(api.tokens, method, { authorization, contentType, body }, fault), fault };
  }
  if (match === undefined) {
    const error = new ApiError(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${path}.`, [path]);
    return { answer: errorAnswer(error), fault: undefined };
  }
  if (method !== (match.route.method ?? 'GET')) {
    const error = new ApiError(405, 'METHOD_NOT_ALLOWED', `Method ${method} is not allowed.`, [method]);
    return { answer: errorAnswer(error), fault: undefined };
  }
  const accept = single(headers['accept']);
  const origin = `http://${single(headers['host']) ?? '127.0.0.1'}`;
  // This one is in the log already.
  const earlier = () => requests.list.filter((entry) => entry.path === path).length - 1;
  const sent = { method, target, authorization, accept, body, origin, now: clock.now(), earlier };
  return answerApi(api, sent, match, strike);
}

/** None of these headers is ever sent twice. */
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
