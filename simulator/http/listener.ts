import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { errorResponse } from './api.ts';
import { unexpectedError } from './api-error.ts';
import { CONTROL_PREFIX, handleControlRequest } from './control.ts';
import { type AtlasState, handleRequest } from './handle-request.ts';
import { respond } from './respond.ts';
import { splitTarget } from './router.ts';

/** The server's state. */
export interface ListenerState extends AtlasState {
  /** Whether the control API is available. */
  control: boolean;
}

/** Handles every request of the simulator's server: the control API, or else Atlas. */
export function createListener(state: ListenerState) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    handle(state, request, response).catch((error: unknown) => {
      // A disconnected client needs no response; anything else is a bug of the simulator.
      if (request.socket.destroyed) return;
      process.emitWarning(error instanceof Error ? error : String(error));
      if (!response.headersSent) void respond(request, response, errorResponse(unexpectedError()), undefined);
    });
  };
}

async function handle(
  state: ListenerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await text(request);
  const { method = '', url: target = '/', headers } = request;
  const { path } = splitTarget(target);
  response.setHeader('Date', new Date(state.clock.now()).toUTCString());
  if (state.control && path.startsWith(CONTROL_PREFIX)) {
    const controls = { ...state.api, clock: state.clock, requests: state.requests };
    await respond(request, response, handleControlRequest(controls, method, path, body), undefined);
    return;
  }
  const { response: content, fault, logged } = handleRequest(state, { method, target, headers, body });
  logged.status = await respond(request, response, content, fault);
}
