import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { TOKEN_PATH } from '../auth/tokens.ts';
import type { SimulatorClock } from '../clock.ts';
import type { Fault } from '../faults.ts';
import type { createRequestLog, LoggedRequest } from '../request-log.ts';
import { ROUTES } from '../routes/index.ts';
import { type ApiState, answerApi, errorAnswer } from './api.ts';
import { ApiError, unexpectedError } from './api-error.ts';
import { answerControl, CONTROL_PREFIX } from './control.ts';
import { type Answer, respond } from './respond.ts';
import { matchRoute, type RouteMatch, splitTarget } from './router.ts';
import { answerToken } from './token-endpoint.ts';

/** What a server needs to answer. */
export interface ListenerState {
  api: ApiState;
  clock: SimulatorClock;
  requests: ReturnType<typeof createRequestLog>;
  /** Called before a request is answered. */
  onRequest(request: LoggedRequest): void;
  /** Whether the control surface can be used. */
  control: boolean;
}

/** Handles every request of the simulator's server: the control surface, or else what Atlas would answer, and logs it. */
export function createListener(state: ListenerState) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    handle(state, request, response).catch((error: unknown) => {
      // A client that is gone needs no answer; anything else is a mistake of the simulator.
      if (request.socket.destroyed) return;
      process.emitWarning(error instanceof Error ? error : String(error));
      if (!response.headersSent) void respond(request, response, errorAnswer(unexpectedError()), undefined);
    });
  };
}

async function handle(
  state: ListenerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await text(request);
  const { method = '', url: target = '/' } = request;
  const { path, query } = splitTarget(target);
  response.setHeader('Date', new Date(state.clock.now()).toUTCString());
  if (state.control && path.startsWith(CONTROL_PREFIX)) {
    const controls = { ...state.api, clock: state.clock, requests: state.requests };
    await respond(request, response, answerControl(controls, method, path, body), undefined);
    return;
  }
  const match = matchRoute(ROUTES, path);
  const entry = {
    method,
    path,
    query,
    operation: path === TOKEN_PATH ? 'token' : (match?.route.operation ?? null),
    projectId: match?.parameters.get('groupId') ?? null,
    processId: match?.parameters.get('processId') ?? null,
    status: 0,
    at: state.clock.now(),
  };
  state.requests.add(entry);
  state.onRequest(entry);
  const strike = () => state.api.faults.strike({ ...entry, path: decoded(path) });
  const { answer, fault } = answerAtlas(state, request, body, match, strike);
  entry.status = await respond(request, response, answer, fault);
}

function answerAtlas(
  { api, clock }: ListenerState,
  request: IncomingMessage,
  body: string,
  match: RouteMatch | undefined,
  strike: () => Fault | undefined,
): { answer: Answer; fault: Fault | undefined } {
  const { method = '', url: target = '/', headers } = request;
  const { path } = splitTarget(target);
  if (path === TOKEN_PATH) {
    const fault = strike();
    const { authorization, 'content-type': contentType } = headers;
    return { answer: answerToken(api.tokens, method, { authorization, contentType, body }, fault), fault };
  }
  if (match === undefined) {
    const error = new ApiError(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${path}.`, [path]);
    return { answer: errorAnswer(error), fault: undefined };
  }
  if (method !== 'GET') {
    const error = new ApiError(405, 'METHOD_NOT_ALLOWED', `Method ${method} is not allowed.`, [method]);
    return { answer: errorAnswer(error), fault: undefined };
  }
  const { authorization, accept } = headers;
  const origin = `http://${headers.host ?? '127.0.0.1'}`;
  return answerApi(api, { method, target, authorization, accept, origin, now: clock.now() }, match, strike);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
