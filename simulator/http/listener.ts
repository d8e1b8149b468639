import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type AtlasState, answerAtlas } from './answer.ts';
import { errorAnswer } from './api.ts';
import { unexpectedError } from './api-error.ts';
import { answerControl, CONTROL_PREFIX } from './control.ts';
import { respond } from './respond.ts';
import { splitTarget } from './router.ts';

/** What a server needs to answer. */
export interface ListenerState extends AtlasState {
  /** Whether the control surface can be used. */
  control: boolean;
}

/** Handles every request of the simulator's server: the control surface, or else what Atlas would answer. */
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
  const { method = '', url: target = '/', headers } = request;
  const { path } = splitTarget(target);
  response.setHeader('Date', new Date(state.clock.now()).toUTCString());
  if (state.control && path.startsWith(CONTROL_PREFIX)) {
    const controls = { ...state.api, clock: state.clock, requests: state.requests };
    await respond(request, response, answerControl(controls, method, path, body), undefined);
    return;
  }
  const { answer, fault, logged } = answerAtlas(state, { method, target, headers, body });
  logged.status = await respond(request, response, answer, fault);
}
